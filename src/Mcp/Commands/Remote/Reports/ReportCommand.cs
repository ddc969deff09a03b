using System.CommandLine;
using System.Text.Json;

namespace Coxswain.Mcp.Commands.Remote.Reports;

/// <summary><c>coxswain report</c>: how the machine is now, as a page for the browser.</summary>
internal static class ReportCommand
{
    private const int WindowSeconds = 10;
    private const int MostChains = 3;
    private const int MostAsked = 50;

    public static Command Create()
    {
        var output = new Option<string>("--output", "-o") { Description = "The file; what is there is replaced.", HelpName = "FILE", DefaultValueFactory = _ => "report.html" };
        var pods = new Option<string[]>("--chain")
        {
            Description = "Pods whose chains are drawn (namespace/name), instead of those with most waits.",
            HelpName = "POD",
            DefaultValueFactory = _ => [],
        };
        var command = RemoteCommand.Create(
            "report", "Write a page with distributions of waiting, delayers, chains and changes: one file for the browser. Switches the observer on and takes some seconds.",
            async (client, arguments, cancellationToken) =>
            {
                var file = arguments.GetRequiredValue(output);
                await LatencySnapshot.ObserveAsync(client, WindowSeconds, cancellationToken).ConfigureAwait(false);
                var snapshot = await LatencySnapshot.ReadAsync(client, cancellationToken).ConfigureAwait(false);
                var chains = await ChainsAsync(client, snapshot, arguments.GetRequiredValue(pods), cancellationToken).ConfigureAwait(false);
                Save(file, HtmlReport.Write(snapshot, chains));
                await Console.Out.WriteLineAsync(file).ConfigureAwait(false);
                return ExitCode.Success;
            });
        command.Options.Add(output);
        command.Options.Add(pods);
        return command;
    }

    private static async Task<List<(string Pod, JsonElement Chain)>> ChainsAsync(
        DaemonClient client, LatencySnapshot snapshot, string[] wanted, CancellationToken cancellationToken)
    {
        var chains = new List<(string Pod, JsonElement Chain)>();
        var told = new HashSet<string>(StringComparer.Ordinal);
        // Chains are where wake-ups are; most pods wait for timers and the network only.
        foreach (var pod in wanted.Length > 0 ? wanted : snapshot.Latency.Pods.OrderByDescending(row => row.WaitsPerSecond).Select(row => row.Name).Take(MostAsked))
        {
            var found = await ChainsCommand.ReadAsync(client, pod, WindowSeconds, cancellationToken).ConfigureAwait(false);
            // The same chain is found from each of its pods.
            var members = string.Join(' ', found.GetProperty("chain").EnumerateArray().Select(process => process.GetProperty("pid").GetInt32()).Order());
            if ((found.GetProperty("chain").GetArrayLength() > 1 || (wanted.Length > 0 && members.Length > 0)) && told.Add(members))
            {
                chains.Add((pod, found));
            }

            if (chains.Count == MostChains)
            {
                break;
            }
        }

        return chains;
    }

    private static void Save(string file, string page)
    {
        try
        {
            File.WriteAllText(file, page);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DaemonException($"--output {file}: {exception.Message.TrimEnd('.')}");
        }
    }
}
