using System.CommandLine;
using System.Text.Json;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain chains</c>: the processes that a pod's requests go through, as a tree.</summary>
internal static class ChainsCommand
{
    public static Command Create()
    {
        var pod = new Argument<string>("POD") { Description = "namespace/name, namespace/ or name." };
        var seconds = new Option<int>("--seconds") { Description = "How long to look at, 1 to 600.", HelpName = "N", DefaultValueFactory = _ => 10 };
        seconds.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var given) || given is < 1 or > 600))
            {
                result.AddError($"--seconds {token.Value}: must be a whole number from 1 to 600.");
            }
        });
        var command = RemoteCommand.Create(
            "chains", "Show who wakes whom around a pod: the way of a request, and whom to prioritise together. Switches the observer on.",
            async (client, arguments, cancellationToken) =>
            {
                Print(await ReadAsync(client, arguments.GetRequiredValue(pod), arguments.GetRequiredValue(seconds), cancellationToken).ConfigureAwait(false), Console.Out);
                return ExitCode.Success;
            });
        command.Arguments.Add(pod);
        command.Options.Add(seconds);
        return command;
    }

    /// <summary>Asks for the chain of a pod.</summary>
    public static Task<JsonElement> ReadAsync(DaemonClient client, string pod, int seconds, CancellationToken cancellationToken) =>
        client.CallAsync(
            "find_dependencies",
            json =>
            {
                json.WriteString("scope", "pod");
                json.WriteString("name", pod);
                json.WriteNumber("window_seconds", seconds);
            },
            cancellationToken);

    /// <summary>Prints a tree: each below the one that wakes it most.</summary>
    public static void Print(JsonElement dependencies, TextWriter output)
    {
        List<JsonElement> chain = [.. dependencies.GetProperty("chain").EnumerateArray()];
        if (chain.Count == 0)
        {
            output.WriteLine(RemoteCommand.Text(dependencies, "hint"));
            return;
        }

        List<string[]> lines = [["PROCESS", "POD", "WAKE-UPS/S", "MEAN WAIT", "SHARE OF WAITING"]];
        foreach (var (process, depth) in WakeTree.Of(chain))
        {
            var share = process.GetProperty("wait_pct").GetDouble();
            lines.Add(
            [
                $"{(depth > 0 ? $"{new string(' ', 2 * depth - 2)}└ " : "")}{RemoteCommand.Text(process, "command")} ({WakeTree.Pid(process)})",
                RemoteCommand.Text(process, "pod"), RemoteCommand.Text(process, "wakeups_per_second"),
                TextChart.Time(process.GetProperty("wait_mean_us").GetDouble()), $"{RemoteCommand.Text(process, "wait_pct")} % {TextChart.Bar(share / 100, 10)}",
            ]);
        }

        RemoteCommand.PrintTable(lines, output);
        output.WriteLine();
        output.WriteLine($"To be prioritised together: {RemoteCommand.Text(dependencies, "include_pods")}".TrimEnd());
    }
}
