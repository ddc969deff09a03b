namespace Coxswain.Core.Kernel;

/// <summary>How the scheduler stands at one moment.</summary>
public record SchedulerState
{
    /// <summary>True when our scheduler is the one that the kernel runs.</summary>
    public required bool Attached { get; init; }

    /// <summary>/sys/kernel/sched_ext/state, or "absent" where the kernel has no sched_ext.</summary>
    public required string KernelState { get; init; }

    /// <summary>Name of the attached sched_ext scheduler, whoever owns it; empty when none is.</summary>
    public string OpsName { get; init; } = "";

    /// <summary>Why our scheduler is not attached, and the fix; empty when it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>
    /// assist, autonomous (assist, but user space does not answer: one dispatch loop at least), kernel or strict; empty when not
    /// attached.
    /// </summary>
    public string Mode { get; init; } = "";

    /// <summary>Threads that run the dispatch loop: one per last-level cache, or fewer; 0 when not attached.</summary>
    public int DispatchLoops { get; init; }

    /// <summary>How often user space was found not to answer, so that the kernel side went on alone.</summary>
    public long AutonomousCount { get; init; }

    /// <summary>Name of the policy that orders waiting tasks.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Why the policy is not asked any more, so that the kernel side orders tasks by itself; empty when it is.</summary>
    public string PolicyFailure { get; init; } = "";

    /// <summary>How long a parked task waits for a verdict before the kernel takes it in its own order, ns.</summary>
    public long LeaseNs { get; init; }

    /// <summary>Longest slice given, ns; shared among the waiting tasks.</summary>
    public long SliceNs { get; init; }

    /// <summary>When our scheduler was attached.</summary>
    public DateTimeOffset? AttachedSince { get; init; }

    /// <summary>Kernel release, as uname -r says it.</summary>
    public required string KernelRelease { get; init; }

    /// <summary>Online CPUs.</summary>
    public required int Cpus { get; init; }

    /// <summary>The last changes between assist and autonomous, at most eight, oldest first.</summary>
    public IReadOnlyList<ModeChange> ModeChanges { get; init; } = [];

    /// <summary>How our scheduler ended last; null when it never did.</summary>
    public SchedulerExit? LastExit { get; init; }

    /// <summary>When our scheduler is started again by itself; null when it is attached, or stays off until it is asked for.</summary>
    public DateTimeOffset? RestartAt { get; init; }

    /// <summary>When it was last started on request; starting again after the kernel ended it is not on request. Null without a supervisor.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>The last error since it was started on request; null when there was none.</summary>
    public SchedulerFailure? Failure { get; init; }
}
