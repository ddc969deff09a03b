using System.Globalization;
using System.Text.Json;

namespace Coxswain.Guest.Demo;

/// <summary>Turns measurements into the result, the table and the JSON.</summary>
internal static class DemoReport
{
    // So that a program that sees only our standard output can find the line.
    private const string JsonMarker = "demo.json: ";

    public static DemoResult Summarise(string kernel, DemoOptions options, DemoNode node, IReadOnlyList<DemoRun> runs)
    {
        DemoRun baseline = runs[0];
        DemoRun[] compared =
        [
            .. runs.Select(r => r with
            {
                P99RatioToEevdf = Math.Round(r.RoundTripUs.P99 / baseline.RoundTripUs.P99, 4),
                HogRatioToEevdf = Math.Round(r.HogThroughput / baseline.HogThroughput, 4),
            }),
        ];
        DemoRun intent = compared.Single(r => r.Scheduler == DemoRun.Intent);
        return new DemoResult
        {
            Kernel = kernel,
            Cpus = Environment.ProcessorCount,
            Runs = compared,
            Workload = node.Kind,
            WorkloadIn = node.Description,
            Selection = node.Selection,
            Hogs = options.Hogs,
            PeriodUs = options.PeriodUs,
            Expectation = new Expectation { P99Ratio = intent.P99RatioToEevdf, HogRatio = intent.HogRatioToEevdf },
        };
    }

    public static void Print(DemoResult result, TextWriter output)
    {
        output.WriteLine($"Linux {result.Kernel}, {result.Cpus} CPUs, {result.Hogs} hogs, in {result.WorkloadIn}, {result.Runs[0].Samples} round trips each; us");
        output.WriteLine();
        output.WriteLine($"{"",-27}{"p50",9}{"p99",10}{"max",10}{"p99/eevdf",11}{"lost",6}{"hogs/s",11}{"hogs/eevdf",12}");
        foreach (DemoRun run in result.Runs)
        {
            Distribution d = run.RoundTripUs;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Letter(run.Scheduler) + " " + run.Scheduler,-27}{d.P50,9:F0}{d.P99,10:F0}{d.Max,10:F0}{run.P99RatioToEevdf,11:F2}{run.Lost,6}{run.HogThroughput,11:F1}{run.HogRatioToEevdf,12:F2}"));
        }

        Expectation e = result.Expectation;
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"expected of (c): p99 at most {e.P99RatioAtMost:F2} of (a)'s, hogs at least {e.HogRatioAtLeast:F2} of (a)'s; measured: {e.P99Ratio:F2} and {e.HogRatio:F2}: {(e.Holds ? "holds" : "DOES NOT HOLD")}"));
    }

    public static void WriteJson(DemoResult result, string path)
    {
        string json = JsonSerializer.Serialize(result, DemoJson.Default.DemoResult);
        if (path == "-")
        {
            Console.Out.WriteLine(JsonMarker + json);
        }
        else
        {
            File.WriteAllText(path, json + "\n");
        }
    }

    private static string Letter(string scheduler) => scheduler switch
    {
        DemoRun.Eevdf => "(a)",
        DemoRun.Coxswain => "(b)",
        DemoRun.Intent => "(c)",
        _ => "(d)",
    };
}
