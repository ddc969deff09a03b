using Coxswain.Core.Observe;

namespace Coxswain.Mcp.Metrics;

/// <summary>What threads did, for the machine and by pod, as metrics.</summary>
internal static class WorkloadMetrics
{
    // A bucket for each doubling, of the eight that are counted.
    private const int PerDoubling = 8;

    /// <summary>All metrics of one kind of workload.</summary>
    /// <param name="kind">node or pod.</param>
    /// <param name="of">In words, what they are of.</param>
    /// <param name="workloads">The workloads with their labels.</param>
    public static IEnumerable<MetricFamily> Of(string kind, string of, IReadOnlyList<((string, string)[] Labels, ObservedMetrics Metrics)> workloads)
    {
        yield return Counter("cpu_seconds", "CPU time", metrics => metrics.RunNs / 1e9);
        yield return Counter("runs", "Stints on a CPU", metrics => metrics.Stints);
        yield return Counter("wakeups", "Wake-ups", metrics => metrics.Wakeups);
        yield return Counter("voluntary_switches", "Switches because a thread went to sleep", metrics => metrics.VoluntarySwitches);
        yield return Counter("involuntary_switches", "Switches because somebody else was to run", metrics => metrics.InvoluntarySwitches);
        yield return new MetricFamily(
            new MetricDefinition($"coxswain_{kind}_migrations_total", MetricKind.Counter, $"Moves to another CPU: of the same core, of the same last-level cache, or farther{of}."),
            [.. workloads.SelectMany(workload => new MetricSample[]
            {
                new([.. workload.Labels, ("distance", "core")], workload.Metrics.CoreMigrations),
                new([.. workload.Labels, ("distance", "llc")], workload.Metrics.LlcMigrations),
                new([.. workload.Labels, ("distance", "far")], workload.Metrics.FarMigrations),
            })]);
        yield return new MetricFamily(
            new MetricDefinition($"coxswain_{kind}_wait_seconds", MetricKind.Histogram, $"Waits of runnable threads for a CPU, sleep not included{of}."),
            [.. workloads.Select(workload => Waits(workload.Labels, workload.Metrics))]);

        MetricFamily Counter(string name, string help, Func<ObservedMetrics, double> value) => new(
            new MetricDefinition($"coxswain_{kind}_{name}_total", MetricKind.Counter, $"{help}{of}."),
            [.. workloads.Select(workload => new MetricSample(workload.Labels, value(workload.Metrics)))]);
    }

    private static MetricSample Waits((string, string)[] labels, ObservedMetrics metrics)
    {
        var buckets = new List<(double, long)>();
        var seen = 0L;
        for (var i = 0; i < WaitBuckets.Count; i++)
        {
            seen += (long)metrics.Buckets[i];
            // The last one has no upper bound.
            if (i % PerDoubling == PerDoubling - 1 && i < WaitBuckets.Count - 1)
            {
                buckets.Add((WaitBuckets.LowNs(i + 1) / 1e9, seen));
            }
        }

        return new MetricSample(labels, metrics.WaitNs / 1e9) { Buckets = buckets, Count = seen };
    }
}
