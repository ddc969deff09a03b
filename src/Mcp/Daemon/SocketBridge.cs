using System.Net.Sockets;
using System.Text;
using Coxswain.Mcp.Commands;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;

namespace Coxswain.Mcp.Daemon;

/// <summary>Carries bytes between a client on standard input and output and the daemon's socket.</summary>
internal static class SocketBridge
{
    private const int BufferBytes = 64 * 1024;

    // As long as the daemon waits for calls that are under way when a client leaves.
    private static readonly TimeSpan s_lastAnswersLimit = TimeSpan.FromSeconds(45);

    /// <summary>Runs until the client or the daemon leaves.</summary>
    /// <param name="daemon">Connected to the daemon.</param>
    /// <returns>An exit code: success when the client left, refused when the daemon did.</returns>
    public static async Task<int> RunAsync(Socket daemon)
    {
        using var streams = ProtocolStreams.Claim();
        var connection = new NetworkStream(daemon, ownsSocket: true);
        await using var closing = connection.ConfigureAwait(false);
        // The end of input need not be kept back: the daemon does that.
        streams.Input.Release();
        var up = UpAsync(streams.Input, connection, daemon);
        var down = CopyAsync(connection, streams.Output);
        await Task.WhenAny(up, down).ConfigureAwait(false);
        if (streams.Input.Ended.IsCompleted)
        {
            await down.WaitAsync(s_lastAnswersLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCode.Success;
        }

        await down.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        const string why = "the coxswain daemon ended before it answered; whether the call took effect is not known: list_changes tells, once it runs again";
        foreach (var id in streams.OpenRequests.Ids)
        {
            await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(RpcError.Line(id, RpcError.Refused, why))).ConfigureAwait(false);
        }

        await streams.Output.FlushAsync().ConfigureAwait(false);
        await Console.Error.WriteLineAsync("coxswain: the daemon ended the connection").ConfigureAwait(false);
        return ExitCode.Refused;
    }

    private static async Task UpAsync(Stream client, Stream connection, Socket daemon)
    {
        await CopyAsync(client, connection).ConfigureAwait(false);
        try
        {
            daemon.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has gone already.
        }
    }

    private static async Task CopyAsync(Stream from, Stream to)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            for (int read; (read = await from.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
                await to.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // One side has gone: the same as its end.
        }
    }
}
