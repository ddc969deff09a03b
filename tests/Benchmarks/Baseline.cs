using System.Globalization;
using System.Text.Json;
using Coxswain.Benchmarks.Mcp;

namespace Coxswain.Benchmarks;

/// <summary>
/// The gate of continuous integration: what something costs, as a ratio to work of the same kind on the same machine in the
/// same minute, and bytes allocated. Never seconds, which say more about the machine than about the code.
/// </summary>
internal static class Baseline
{
    /// <summary>A ratio may be so much larger than the stored one: machines differ in caches.</summary>
    private const double Tolerance = 1.6;

    /// <summary>Bytes do not depend on the machine; what else the process does meanwhile does a little.</summary>
    private const double BytesTolerance = 1.15;

    /// <summary>Sizes that are compared; ten tasks are mostly the fixed cost of a round.</summary>
    private static readonly int[] s_sizes = [1000, 10_000];

    private static readonly string[] s_policies = ["fifo", "vtime", "deadline", "own_policy"];

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>What is compared: a figure, and what it is divided by, both of one group of scenarios.</summary>
    private static readonly (string Name, Figure Of, Figure By)[] s_ratios =
    [
        .. s_sizes.SelectMany(size => s_policies.Select(policy => (
            $"loop_{size}_waiting/{policy}",
            new Figure($"loop_{size}_waiting", $"{Measurement.Ours}{policy}", LoopScenarios.CostPerTask),
            new Figure($"reference_queue_{size}", "none", LoopScenarios.CostPerTask)))),
        .. ((string[])[BorderScenarios.Read, BorderScenarios.Write]).Select(scenario => (
            scenario,
            new Figure(scenario, "none", BorderScenarios.CostPerRecord),
            new Figure(BorderScenarios.Reference, "none", BorderScenarios.CostPerRecord))),
        .. ((string[])[NodeScenarios.FirstScan, NodeScenarios.Apply, NodeScenarios.LookAgain]).Select(metric => (
            $"{NodeScenarios.Scenario}/{metric}",
            new Figure(NodeScenarios.Scenario, "none", metric),
            new Figure(NodeScenarios.Scenario, "none", NodeScenarios.Reading))),
        .. ToolCallScenarios.Scenarios.Select(scenario => (
            scenario,
            new Figure(scenario, "none", ToolCallScenarios.CpuPerCall),
            new Figure(ToolCallScenarios.Reference, "none", ToolCallScenarios.CpuPerCall))),
    ];

    /// <summary>Bytes that may be allocated; none per task in any case.</summary>
    private static readonly (string Name, Figure Of)[] s_bytes =
    [
        .. NodeScenarios.AllocatedMetrics.Select(metric => ($"{NodeScenarios.Scenario}/{metric}", new Figure(NodeScenarios.Scenario, "none", metric))),
        .. ToolCallScenarios.Scenarios.Select(scenario => (
            $"{scenario}/{ToolCallScenarios.AllocatedPerCall}", new Figure(scenario, "none", ToolCallScenarios.AllocatedPerCall))),
    ];

    /// <summary>Compares, and prints a line for each.</summary>
    /// <param name="file">The stored ones.</param>
    /// <param name="measurements">Of this run.</param>
    /// <param name="isComplete">Whether all of the stored ones must be there.</param>
    /// <returns>How many hold and how many do not.</returns>
    public static (int Passed, int Failed) Check(string file, IReadOnlyList<Measurement> measurements, bool isComplete)
    {
        Dictionary<string, double> stored = Read(file);
        int passed = 0;
        int failed = 0;
        HashSet<string> missing = isComplete ? [.. stored.Keys] : [];
        foreach ((string name, double value, double tolerance, string unit) in Compared(measurements))
        {
            missing.Remove(name);
            double limit = stored.GetValueOrDefault(name) * tolerance;
            Count(value <= limit, $"{name}: {Rounded(value):#,0.####} {unit}, at most {Rounded(limit):#,0.####}");
        }

        foreach (Measurement m in measurements.Where(m => m.Metric == LoopScenarios.AllocatedPerTask))
        {
            Count(m.Median == 0, $"{m.Scenario} {m.Scheduler}: {m.Median} bytes allocated per task, at most 0");
        }

        foreach (string name in missing)
        {
            Count(false, $"{name}: not measured");
        }

        return (passed, failed);

        void Count(bool holds, string what)
        {
            Console.WriteLine($"{(holds ? "ok  " : "FAIL")} {what}");
            _ = holds ? passed++ : failed++;
        }
    }

    /// <summary>Whether all that is measured there holds.</summary>
    public static bool Holds(string file, IReadOnlyList<Measurement> measurements)
    {
        Dictionary<string, double> stored = Read(file);
        return Compared(measurements).All(c => c.Value <= stored.GetValueOrDefault(c.Name) * c.Tolerance);
    }

    /// <summary>Writes the ratios and bytes of this run as the baseline.</summary>
    public static void Store(string file, IReadOnlyList<Measurement> measurements) =>
        File.WriteAllText(file, JsonSerializer.Serialize(Compared(measurements).ToDictionary(c => c.Name, c => Rounded(c.Value)), s_indented) + "\n");

    // Three digits, whatever the size.
    private static double Rounded(double value) => double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static Dictionary<string, double> Read(string file) => JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(file))!;

    // What was not measured, as another group was asked for, is not compared.
    private static IEnumerable<(string Name, double Value, double Tolerance, string Unit)> Compared(IReadOnlyList<Measurement> measurements)
    {
        foreach ((string name, Figure of, Figure by) in s_ratios)
        {
            if (of.In(measurements) / by.In(measurements) is { } ratio)
            {
                yield return (name, ratio, Tolerance, "times the reference");
            }
        }

        foreach ((string name, Figure of) in s_bytes)
        {
            if (of.In(measurements) is { } bytes)
            {
                yield return (name, bytes, BytesTolerance, "bytes allocated");
            }
        }
    }

    private readonly record struct Figure(string Scenario, string Scheduler, string Metric)
    {
        public double? In(IReadOnlyList<Measurement> measurements) => Measurement.Find(measurements, Scenario, Scheduler, Metric)?.Median;
    }
}
