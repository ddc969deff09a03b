using System.Text.Json;

namespace Coxswain.Benchmarks;

/// <summary>
/// The gate of continuous integration: what a task costs in the loop, as a ratio to the library's own queue on the same
/// machine in the same minute, and bytes allocated. Never seconds, which say more about the machine than about the code.
/// </summary>
internal static class Baseline
{
    /// <summary>A ratio may be so much larger than the stored one: machines differ in caches.</summary>
    private const double Tolerance = 1.6;

    /// <summary>Sizes that are compared; ten tasks are mostly the fixed cost of a round.</summary>
    private static readonly int[] s_sizes = [1000, 10_000];

    private static readonly string[] s_policies = ["fifo", "vtime", "deadline", "own_policy"];

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Compares, and prints a line for each.</summary>
    /// <returns>How many hold and how many do not.</returns>
    public static (int Passed, int Failed) Check(string file, IReadOnlyList<Measurement> measurements)
    {
        Dictionary<string, double> stored = Read(file);
        int passed = 0;
        int failed = 0;
        foreach ((string name, double ratio) in Ratios(measurements))
        {
            double limit = stored[name] * Tolerance;
            Count(ratio <= limit, $"{name}: {ratio:0.00} times the reference, at most {limit:0.00}");
        }
        foreach (Measurement m in measurements.Where(m => m.Metric == LoopScenarios.AllocatedPerTask))
        {
            Count(m.Median == 0, $"{m.Scenario} {m.Scheduler}: {m.Median} bytes allocated per task, at most 0");
        }
        return (passed, failed);

        void Count(bool holds, string what)
        {
            Console.WriteLine($"{(holds ? "ok  " : "FAIL")} {what}");
            _ = holds ? passed++ : failed++;
        }
    }

    /// <summary>Whether all ratios hold.</summary>
    public static bool Holds(string file, IReadOnlyList<Measurement> measurements)
    {
        Dictionary<string, double> stored = Read(file);
        return Ratios(measurements).All(r => r.Ratio <= stored[r.Name] * Tolerance);
    }

    /// <summary>Writes the ratios of this run as the baseline.</summary>
    public static void Store(string file, IReadOnlyList<Measurement> measurements)
    {
        File.WriteAllText(file, JsonSerializer.Serialize(Ratios(measurements).ToDictionary(r => r.Name, r => Math.Round(r.Ratio, 2)), s_indented) + "\n");
    }

    private static Dictionary<string, double> Read(string file) => JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(file))!;

    private static IEnumerable<(string Name, double Ratio)> Ratios(IReadOnlyList<Measurement> measurements)
    {
        foreach (int size in s_sizes)
        {
            double reference = Cost($"reference_queue_{size}", "none");
            foreach (string policy in s_policies)
            {
                yield return ($"loop_{size}_waiting/{policy}", Cost($"loop_{size}_waiting", $"coxswain_{policy}") / reference);
            }
        }

        double Cost(string scenario, string scheduler) => measurements.Single(m =>
            m.Scenario == scenario && m.Scheduler == scheduler && m.Metric == LoopScenarios.CostPerTask).Median;
    }
}
