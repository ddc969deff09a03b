using BenchmarkDotNet.Running;

namespace Coxswain.Benchmarks;

/// <summary>Runs <see cref="LoopBenchmarks"/> and makes measurements per task of it.</summary>
internal static class LoopScenarios
{
    public const string CostPerTask = "cost_per_task";
    public const string AllocatedPerTask = "allocated_per_task";

    public static IEnumerable<Measurement> Run(bool isQuick)
    {
        foreach ((string method, BenchmarkCase benchmark, double[] ns) in MicroBenchmark.Run<LoopBenchmarks>(new ThreadCpuClock(), isQuick))
        {
            int waiting = (int)benchmark.Parameters[nameof(LoopBenchmarks.Waiting)];
            string scheduler = method switch
            {
                nameof(LoopBenchmarks.Reference) => "none",
                nameof(LoopBenchmarks.OwnPolicy) => "coxswain_own_policy",
                _ => $"coxswain_{method.ToLowerInvariant()}",
            };
            string scenario = method == nameof(LoopBenchmarks.Reference) ? $"reference_queue_{waiting}" : $"loop_{waiting}_waiting";
            yield return new Measurement(scenario, scheduler, CostPerTask, "ns", [.. ns.Select(v => v / waiting)]);
            if (scheduler != "none")
            {
                yield return new Measurement(scenario, scheduler, AllocatedPerTask, "bytes", [LoopBenchmarks.AllocatedPerTask(method, waiting)]);
            }
        }
    }
}
