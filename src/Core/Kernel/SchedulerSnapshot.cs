namespace Coxswain.Core.Kernel;

/// <summary>State and counters of the scheduler at one moment.</summary>
public sealed record SchedulerSnapshot
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

    /// <summary>Time from notice to applied verdict; null when there was none.</summary>
    public RoundTrip? RoundTrip { get; init; }

    /// <summary>How often it took that long, by bucket; where each ends says <see cref="RoundTrip.UpperBoundUs"/>. Empty when not attached.</summary>
    public IReadOnlyList<long> RoundTripBuckets { get; init; } = [];

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

    /// <summary>Counters by name, summed over CPUs, e.g. parked, moved, taken, gone. Empty when never attached.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// Who had waited longest for a CPU when the kernel side last looked (each 100 ms, at the end of each queue); null when
    /// nobody waited.
    /// </summary>
    public WaitingTask? OldestWaiting { get; init; }

    /// <summary>CPU time and waiting since the scheduler was attached, by class; <c>system</c> is kernel threads and this process.</summary>
    public IReadOnlyDictionary<string, ClassUse> Classes { get; init; } = new Dictionary<string, ClassUse>();

    /// <summary>The last changes between assist and autonomous, at most eight, oldest first.</summary>
    public IReadOnlyList<ModeChange> ModeChanges { get; init; } = [];

    /// <summary>The chosen generation of each renamed kernel function, e.g. insert=2. Empty when not attached.</summary>
    public IReadOnlyDictionary<string, long> Branches { get; init; } = new Dictionary<string, long>();

    /// <summary>How our scheduler ended last; null when it never did.</summary>
    public SchedulerExit? LastExit { get; init; }

    /// <summary>When our scheduler is started again by itself; null when it is attached, or stays off until it is asked for.</summary>
    public DateTimeOffset? RestartAt { get; init; }

    /// <summary>When it was last started on request; starting again after the kernel ended it is not on request. Null without a supervisor.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>The last error since it was started on request; null when there was none.</summary>
    public SchedulerFailure? Failure { get; init; }
}

/// <summary>Exit record of the kernel.</summary>
/// <param name="Kind">Number of the exit kind, e.g. 64 (unregistered by user space), 1026 (stall).</param>
/// <param name="Code">Exit code, 0 for most kinds.</param>
/// <param name="Reason">The kernel's words for the kind.</param>
/// <param name="Message">Details.</param>
/// <param name="Dump">State of the run queues at the time, for errors; may be long, may be empty.</param>
public sealed record SchedulerExit(int Kind, long Code, string Reason, string Message, string Dump);
