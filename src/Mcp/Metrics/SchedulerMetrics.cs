using System.Text.RegularExpressions;
using Coxswain.Core.Kernel;

namespace Coxswain.Mcp.Metrics;

/// <summary>The scheduler's state and all its counters as metrics.</summary>
internal static partial class SchedulerMetrics
{
    private const string Prefix = "coxswain_scheduler_";

    private static readonly string[] s_modes = ["assist", "autonomous", "kernel", "strict"];

    private static readonly MetricDefinition s_attached = new($"{Prefix}attached", MetricKind.Gauge, "1: this scheduler runs the CPUs; 0: the kernel's own, or another, does.");
    private static readonly MetricDefinition s_info = new($"{Prefix}info", MetricKind.Gauge, "Always 1; kernel release, and policy that orders waiting tasks, as labels.");
    private static readonly MetricDefinition s_mode = new($"{Prefix}mode", MetricKind.Gauge, "1 for the mode the scheduler is in; autonomous: user space does not answer in time.");
    private static readonly MetricDefinition s_autonomous = new(
        $"{Prefix}autonomous_entries_total", MetricKind.Counter, "How often user space was found not to answer, so that the kernel side went on alone.");

    private static readonly MetricDefinition s_roundTrip = new(
        $"{Prefix}verdict_round_trip_seconds", MetricKind.Histogram, "From the notice of a parked task to its applied verdict; the sum is estimated from the buckets.");

    private static readonly MetricDefinition s_classRun = new("coxswain_class_cpu_seconds_total", MetricKind.Counter, "CPU time by class; system is kernel threads and this process.");
    private static readonly MetricDefinition s_classWait = new("coxswain_class_wait_seconds_total", MetricKind.Counter, "Time in a queue before running, by class.");
    private static readonly MetricDefinition s_classWaits = new("coxswain_class_waits_total", MetricKind.Counter, "How often tasks waited in a queue, by class.");

    private static readonly Dictionary<string, string> s_help = new()
    {
        ["idle_local"] = "Wake-ups that found an idle CPU.",
        ["own"] = "Threads of this process, put first in line.",
        ["kernel"] = "Kernel threads queued.",
        ["pinned"] = "Tasks bound to one CPU, queued there.",
        ["resumed"] = "Tasks preempted with slice left, queued with the rest of it.",
        ["continued"] = "Slices that ended and went on, as nobody came before.",
        ["latency"] = "latency_critical tasks queued.",
        ["background"] = "background tasks queued.",
        ["parked"] = "Tasks parked and announced to user space; ends as moved, taken or gone.",
        ["moved"] = "Parked tasks moved by a verdict.",
        ["moved_late"] = "Parked tasks moved by a verdict after their lease.",
        ["taken"] = "Parked tasks taken by the kernel side.",
        ["gone"] = "Parked tasks that slept, died or changed meanwhile.",
        ["unasked"] = "Tasks that nobody was asked about, as nobody else waited or the task was ending.",
        ["kernel_order"] = "Tasks queued in the kernel side's order in mode kernel.",
        ["aged"] = "Tasks put before all others after waiting 1 s.",
        ["set"] = "Tasks queued in a CPU set.",
        ["set_unusable"] = "Times that affinity or CPUs left nothing of a CPU set.",
        ["llc_stolen"] = "Tasks taken from another last-level cache by a CPU with nothing to do.",
        ["llc_balanced"] = "Tasks taken from a crowded last-level cache.",
        ["rcu_reader"] = "Readers of RCU that lost their CPU and go first.",
        ["throttled"] = "Tasks queued below a cpu.max that was used up.",
        ["throttle_waived"] = "Throttled tasks that got a turn all the same, before the watchdog's time.",
        ["throttled_ns"] = "Time that tasks waited below a cpu.max that was used up.",
        ["over_budget"] = "Times that a directive's budget was used up.",
        ["ring_full"] = "Tasks queued in the kernel side's order as the ring of notices was full.",
        ["autonomous"] = "Tasks queued in the kernel side's order as user space did not answer.",
        ["fallback"] = "Tasks queued globally, as no other queue would do.",
        ["verdicts"] = "Verdicts read from user space.",
        ["preempted"] = "Preemptions.",
        ["stolen"] = "Tasks taken from the queue of another CPU.",
        ["kept"] = "Tasks that went on with a new slice, as there was no other.",
        ["run_ns"] = "CPU time of all tasks.",
        ["wait_ns"] = "Time in a queue of all tasks.",
        ["waits"] = "How often tasks waited in a queue.",
        ["loop_allocated_bytes"] = "Managed memory that the dispatch loop allocated; it should stay 0.",
        ["returned_to_assist"] = "How often mode autonomous ended, as user space answered again.",
    };

    private static readonly List<(string Counter, MetricDefinition Definition, (string Name, string Value)[] Labels)> s_counters =
        [.. SchedulerCounters.Names.Select(Describe)];

    /// <summary>Reads them from a snapshot.</summary>
    public static IEnumerable<MetricFamily> Of(SchedulerSnapshot snapshot)
    {
        yield return MetricFamily.Of(s_attached, snapshot.Attached ? 1 : 0);
        yield return MetricFamily.Of(s_info, 1, ("kernel", snapshot.KernelRelease), ("policy", snapshot.Policy));
        yield return new MetricFamily(s_mode, [.. s_modes.Select(mode => new MetricSample([("mode", mode)], snapshot.Mode == mode ? 1 : 0))]);
        yield return MetricFamily.Of(s_autonomous, snapshot.AutonomousCount);
        foreach (var counters in s_counters.GroupBy(counter => counter.Definition))
        {
            yield return new MetricFamily(counters.Key, [.. counters.Where(counter => snapshot.Counters.ContainsKey(counter.Counter)).Select(counter =>
                new MetricSample(counter.Labels, snapshot.Counters[counter.Counter] / (counter.Counter.EndsWith("_ns", StringComparison.Ordinal) ? 1e9 : 1)))]);
        }

        yield return new MetricFamily(s_roundTrip, RoundTrips(snapshot.RoundTripBuckets));
        yield return ByClass(s_classRun, snapshot, use => use.RunNs / 1e9);
        yield return ByClass(s_classWait, snapshot, use => use.WaitNs / 1e9);
        yield return ByClass(s_classWaits, snapshot, use => use.Waits);
    }

    private static MetricFamily ByClass(MetricDefinition definition, SchedulerSnapshot snapshot, Func<ClassUse, double> value) =>
        new(definition, [.. snapshot.Classes.Select(use => new MetricSample([("class", use.Key)], value(use.Value)))]);

    private static List<MetricSample> RoundTrips(IReadOnlyList<long> counts)
    {
        var buckets = new List<(double, long)>();
        var (seen, sum) = (0L, 0.0);
        for (var i = 0; i < counts.Count; i++)
        {
            var upTo = RoundTrip.UpperBoundUs(i) / 1e6;
            seen += counts[i];
            sum += counts[i] * upTo * 0.9; // buckets are a quarter to a fifth wide
            // One for each doubling will do for a chart.
            if (i % 4 == 3)
            {
                buckets.Add((upTo, seen));
            }
        }

        return counts.Count == 0 ? [] : [new MetricSample([], sum) { Buckets = buckets, Count = seen }];
    }

    private static (string Counter, MetricDefinition Definition, (string Name, string Value)[] Labels) Describe(string counter)
    {
        if (Labelled().Match(counter) is { Success: true } match)
        {
            return match.Groups[1].Value == "born"
                ? (counter, new MetricDefinition($"{Prefix}births_total", MetricKind.Counter, "Threads first seen, by the class they were born with."), [("class", match.Groups[2].Value)])
                : (counter, new MetricDefinition($"{Prefix}refused_verdicts_total", MetricKind.Counter, "Verdicts that were refused, by reason."), [("reason", match.Groups[2].Value)]);
        }

        var name = counter.EndsWith("_ns", StringComparison.Ordinal) ? $"{counter[..^3]}_seconds" : counter;
        return (counter, new MetricDefinition($"{Prefix}{name}_total", MetricKind.Counter, s_help.GetValueOrDefault(counter, $"The scheduler's counter {counter}.")), []);
    }

    [GeneratedRegex("^(born|refused)_(.+)$")]
    private static partial Regex Labelled();
}
