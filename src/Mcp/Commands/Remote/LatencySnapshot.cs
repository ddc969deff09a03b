using System.Text.Json;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Resources;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary>What a daemon tells of waiting, with the state and the changes of the same moment.</summary>
/// <param name="Status">As get_status tells it.</param>
/// <param name="Latency">As the resource of latency tells it.</param>
/// <param name="Changes">Those in force, newest first.</param>
internal sealed record LatencySnapshot(JsonElement Status, LatencyResult Latency, IReadOnlyList<JsonElement> Changes)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Asks a daemon.</summary>
    public static async Task<LatencySnapshot> ReadAsync(DaemonClient client, CancellationToken cancellationToken)
    {
        var status = await client.CallAsync("get_status", null, cancellationToken).ConfigureAwait(false);
        var changes = await ChangesCommand.ReadAsync(client, includeEnded: false, cancellationToken).ConfigureAwait(false);
        return new LatencySnapshot(status, await ReadLatencyAsync(client, cancellationToken).ConfigureAwait(false), changes);
    }

    /// <summary>Asks until so many seconds were observed; an observer that was off has seen none.</summary>
    /// <exception cref="DaemonException">Nothing can be observed there.</exception>
    public static async Task<LatencyResult> ObserveAsync(DaemonClient client, int seconds, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (; ; )
        {
            var latency = await ReadLatencyAsync(client, cancellationToken).ConfigureAwait(false);
            if (latency.Problem is { Length: > 0 } problem)
            {
                throw new DaemonException($"nothing can be measured: {problem.TrimEnd('.')}");
            }

            if (latency.WindowSeconds >= seconds || latency.WindowSeconds > 0 && TimeProvider.System.GetElapsedTime(began) > s_patience)
            {
                return latency;
            }

            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<LatencyResult> ReadLatencyAsync(DaemonClient client, CancellationToken cancellationToken)
    {
        var read = await client.ReadAsync(ResourceUri.Latency, cancellationToken).ConfigureAwait(false);
        try
        {
            return (LatencyResult?)read.Deserialize(McpJson.Options.GetTypeInfo(typeof(LatencyResult))) ?? throw new DaemonException($"{ResourceUri.Latency}: it is empty");
        }
        catch (JsonException exception)
        {
            throw new DaemonException($"{ResourceUri.Latency}: {exception.Message}");
        }
    }
}
