namespace Coxswain.Core.Safety;

/// <summary>Bounds that the operator of the machine may set. Those of <see cref="IntentLimits"/> hold in any case.</summary>
public sealed record OperatorLimits
{
    /// <summary>The bounds when nothing is configured.</summary>
    public static OperatorLimits Default { get; } = new();

    /// <summary>Longest lifetime of a change, s, 1 to <see cref="IntentLimits.MaxTtlSeconds"/>.</summary>
    public int MaxTtlSeconds { get; init; } = IntentLimits.MaxTtlSeconds;

    /// <summary>Most changes active at one time, 1 to <see cref="IntentLimits.MaxActiveIntents"/>.</summary>
    public int MaxActiveChanges { get; init; } = IntentLimits.MaxActiveIntents;

    /// <summary>Most changes applied or renewed within 60 s, 1 to 10,000.</summary>
    public int MaxChangesPerMinute { get; init; } = 120;

    /// <summary>Most threads of one change, 1 to <see cref="IntentLimits.MaxTasksPerIntent"/>.</summary>
    public int MaxTasksPerChange { get; init; } = IntentLimits.MaxTasksPerIntent;

    /// <summary>Threads above which a change must be confirmed, 1 to 1,000,000.</summary>
    public int ConfirmAboveTasks { get; init; } = 2000;

    /// <summary>Pods above which a change must be confirmed, 1 to 1,000,000.</summary>
    public int ConfirmAbovePods { get; init; } = 50;

    /// <summary>Share of the pods, and of the threads, that all changes to high and latency_critical together may cover, %, 1 to 100.</summary>
    public int MaxUpperSharePercent { get; init; } = 75;

    /// <summary>Share of the CPU time of the machine above which, once high and latency_critical tasks use it together, no further
    /// change to these classes is taken, %, 1 to 100.</summary>
    public int MaxUpperCpuPercent { get; init; } = 90;

    /// <summary>CPUs that the hard CPU sets of all changes together must leave alone, 0 to 1024; 0: they may take all.</summary>
    public int MinUnpinnedCpus { get; init; } = 1;

    /// <summary>Shortest time slice that can be asked for, µs, <see cref="IntentLimits.MinSliceUs"/> to <see cref="IntentLimits.MaxSliceUs"/>.</summary>
    public int MinSliceUs { get; init; } = IntentLimits.MinSliceUs;

    /// <summary>Longest time slice that can be asked for, µs, <see cref="IntentLimits.MinSliceUs"/> to <see cref="IntentLimits.MaxSliceUs"/>.</summary>
    public int MaxSliceUs { get; init; } = IntentLimits.MaxSliceUs;
}
