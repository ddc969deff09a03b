using System.CommandLine;
using System.Globalization;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain latency</c>: how long threads waited for a CPU, as a chart.</summary>
internal static class LatencyCommand
{
    private const int WindowSeconds = 5;
    private const int Width = 80;

    public static Command Create()
    {
        var pod = new Option<string>("--pod")
        {
            Description = "Only pods whose namespace/name contains this.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        var command = RemoteCommand.Create(
            "latency", "Show how long runnable threads waited for a CPU in the last seconds, and who ran meanwhile, as a chart. Switches the observer on.",
            async (client, arguments, cancellationToken) =>
            {
                var latency = await LatencySnapshot.ObserveAsync(client, WindowSeconds, cancellationToken).ConfigureAwait(false);
                var wanted = arguments.GetRequiredValue(pod);
                return Print(latency, wanted, Console.Out);
            });
        command.Options.Add(pod);
        return command;
    }

    /// <summary>Prints the machine, or the pods that are wanted.</summary>
    public static int Print(LatencyResult latency, string pod, TextWriter output)
    {
        List<LatencyRow> rows = pod.Length > 0 ? [.. latency.Pods.Where(row => row.Name.Contains(pod, StringComparison.Ordinal))] : [latency.Machine];
        if (rows.Count == 0)
        {
            throw new DaemonException($"--pod {pod}: no pod of that name ran in the last {latency.WindowSeconds} s; coxswain top shows those that did");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Waiting for a CPU in the last {latency.WindowSeconds} s, scheduler {latency.Scheduler}"));
        foreach (var row in rows)
        {
            output.WriteLine();
            output.WriteLine(Title(row));
            TextChart.WriteHistogram(row, Width, output);
        }

        if (pod.Length == 0 && latency.Delayers.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Who ran while others waited");
            foreach (var delayer in latency.Delayers)
            {
                var share = string.Create(CultureInfo.InvariantCulture, $"{delayer.SharePct,5:0.0} %");
                output.WriteLine($"  {Fit(delayer.Workload, 36),-36} {share} │{TextChart.Bar(delayer.SharePct / 100, 30)}");
            }
        }

        return ExitCode.Success;
    }

    private static string Title(LatencyRow row) => row.WaitUs is { } wait
        ? $"{row.Name}: p50 {TextChart.Time(wait.P50)}, p99 {TextChart.Time(wait.P99)}, longest {TextChart.Time(wait.Max)}"
        : row.Name;

    private static string Fit(string text, int width) => text.Length > width ? $"{text[..(width - 1)]}…" : text;
}
