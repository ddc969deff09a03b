namespace Coxswain.Mcp.Results;

/// <summary>How long threads waited for a CPU in the last seconds: the machine, its pods, and the threads that waited or ran most.</summary>
internal sealed record LatencyResult
{
    public required string AsOf { get; init; }

    /// <summary>Seconds that the numbers are of; fewer when it has not been observed for so long, 0 when it is not at all.</summary>
    public required int WindowSeconds { get; init; }

    /// <summary>coxswain, another sched_ext scheduler, or kernel.</summary>
    public required string Scheduler { get; init; }

    /// <summary>Why nothing is observed.</summary>
    public string? Problem { get; init; }

    public required LatencyRow Machine { get; init; }

    /// <summary>CPU time since the scheduler was attached, by class.</summary>
    public required IReadOnlyDictionary<string, double> ClassCpuSeconds { get; init; }

    /// <summary>Those that waited longest in sum first.</summary>
    public required IReadOnlyList<LatencyRow> Pods { get; init; }

    /// <summary>Those that waited longest in sum first.</summary>
    public required IReadOnlyList<LatencyRow> Tasks { get; init; }

    public required IReadOnlyList<DelayerRow> Delayers { get; init; }

    /// <summary>Events that could not be counted since the start.</summary>
    public long? Lost { get; init; }
}

/// <summary>Waiting of a workload; percentiles are exact to 6 %.</summary>
internal sealed record LatencyRow
{
    /// <summary>namespace/name of a pod, or the name of a thread: what others chose.</summary>
    public required string Name { get; init; }

    /// <summary>Id of a thread.</summary>
    public int? Pid { get; init; }

    /// <summary>Pod of a thread.</summary>
    public string? Pod { get; init; }

    /// <summary>In force in the kernel; of a pod, for one of its threads.</summary>
    public TaskClass? Class { get; init; }

    /// <summary>Of one CPU.</summary>
    public required double CpuPct { get; init; }

    public required double WaitsPerSecond { get; init; }

    public WaitRow? WaitUs { get; init; }

    /// <summary>Where each bucket begins and ends, µs, and how many waits are in it; empty ones left out, one for each doubling.</summary>
    public required IReadOnlyList<double[]> Buckets { get; init; }
}
