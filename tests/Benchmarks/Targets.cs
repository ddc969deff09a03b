using System.Globalization;
using Coxswain.Benchmarks.Mcp;
using Coxswain.Core.Policies;

namespace Coxswain.Benchmarks;

/// <summary>All that the product is to reach. Ratios are of one run; what is absolute is of the machine that it ran on.</summary>
internal static class Targets
{
    /// <summary>Of a run with fewer samples, with all that it measures, without building.</summary>
    public const string QuickRun = "whole_run_quick";
    public const string FullRun = "whole_run";
    public const string Duration = "duration";

    private const string Chain = "chain";
    private const string FloorOfTheMachine = "eevdf_fifo";
    private static readonly string[] s_modes = ["kernel", "assist", "strict"];
    private static readonly (string Mode, double Limit)[] s_wakeUpCosts = [("kernel", 1.10), ("assist", 1.25)];
    private static readonly string[] s_policies = [PolicyNames.Fifo, PolicyNames.Vtime, PolicyNames.Deadline];

    public static IReadOnlyList<Target> All { get; } =
    [
        .. s_modes.SelectMany(OfMode),
        .. s_wakeUpCosts.SelectMany(cost => (Target[])
        [
            Target.BesideEevdf($"(c) wake-ups in mode {cost.Mode}", "hackbench", Ours(cost.Mode), "time", cost.Limit),
            Target.BesideEevdf($"(c) wake-ups in mode {cost.Mode}", "pipe", Ours(cost.Mode), "round_trip", cost.Limit),
        ]),
        Target.Of("(g) tool call to effect, simulated kernel, this machine", EffectScenarios.Scenario, "none", EffectScenarios.P99, 5, "ms"),
        .. s_modes.Select(mode => Target.Of("(g) tool call to effect, emulated machine", "reaction", Ours(mode), "prioritize_max", 50, "ms")),
        Target.Of("(h) no stall ever", "stopped", Ours("assist_intent"), "stalls", 0, ""),
        .. s_policies.Select(policy => Growth("loop_1000_waiting", 1_000, "loop_10000_waiting", 10_000, policy)),
        Growth("simulated_16_cpus_1600_tasks", 1_600, SimulatedScenarios.Largest, SimulatedScenarios.LargestTasks, PolicyNames.Deadline),
        Target.Of("(j) 1,024 CPUs, 100,000 tasks: time in the loop for a task", SimulatedScenarios.Largest, Ours(PolicyNames.Deadline), LoopScenarios.CostPerTask, 1_000, "ns"),
        Target.Of("(j) memory for a task", SimulatedScenarios.Waiting, Ours(PolicyNames.Deadline), SimulatedScenarios.MemoryPerTask, 200, "bytes"),
        Target.Of("idle: share of a CPU", ServerScenarios.Idle, "none", ServerScenarios.Cpu, 0.5, "%"),
        Target.Of("idle: resident after 200 calls", ServerScenarios.Idle, "none", ServerScenarios.Resident, 64, "MB"),
        Target.Of("idle: share of a CPU, with the simulation of 32 CPUs", ServerScenarios.IdleSimulated, "none", ServerScenarios.Cpu, 0.5, "%"),
        Target.Of("idle: resident after 200 calls, with the simulation of 32 CPUs", ServerScenarios.IdleSimulated, "none", ServerScenarios.Resident, 64, "MB"),
        Target.Of("start to serving", ServerScenarios.Start, "none", ServerScenarios.ToolsList, 300, "ms"),
        Target.Of("`make bench QUICK=1`", QuickRun, "none", Duration, 300, "s"),
    ];

    private static IEnumerable<Target> OfMode(string mode)
    {
        string intent = Ours(mode + "_intent");
        yield return Target.BesideEevdf("(a) with the intent", Chain, intent, "p99", 0.2);
        yield return Target.Beside("(a) with the intent, beside SCHED_FIFO", Chain, intent, "p99", 1.5, $"× {FloorOfTheMachine}", (Chain, FloorOfTheMachine));
        yield return Target.BesideEevdf("(a) with the intent: what the hogs keep", Chain, intent, "hog_throughput", 0.95) with { IsFloor = true };
        yield return Target.BesideEevdf("(a) without the intent", Chain, Ours(mode), "p99", 1.2);
        yield return Target.BesideEevdf("(d) the build", "build", Ours(mode), "time", 1.05);
        yield return Target.BesideEevdf("(d) the build, with the intent", "build", intent, "time", 1.05);
        yield return Target.Of("(f) equals differ by", "fair_equal", Ours(mode), "spread", 10, "%");
        yield return Target.Of("(h) stopped for 12 s, the directed task", "stopped", intent, "p99_stopped_ratio", 2, "×");
    }

    private static Target Growth(string scenario, int tasks, string larger, int moreTasks, string policy) =>
        Target.Beside(
            string.Create(CultureInfo.InvariantCulture, $"(j) cost for a task grows with log n, {tasks:N0} to {moreTasks:N0}"),
            larger, Ours(policy), LoopScenarios.CostPerTask, Math.Round(Math.Log(moreTasks) / Math.Log(tasks), 3), $"× {scenario}", (scenario, Ours(policy)));

    private static string Ours(string name) => Measurement.Ours + name;
}
