using Coxswain.Core.Policies;

namespace Coxswain.Core.Kernel;

/// <summary>Settings of the scheduler.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Largest lease: 20 ms.</summary>
    public const long LeaseMaxNs = 20_000_000;

    /// <summary>Name of the policy that orders waiting tasks; one of <see cref="PolicyNames.All"/>.</summary>
    public string Policy { get; init; } = PolicyNames.All[0];

    /// <summary>
    /// A policy of one's own; <see cref="Policy"/> is then only its name. Called once per dispatch loop at each start, by the
    /// thread that starts the scheduler: each loop has an instance of its own.
    /// </summary>
    public Func<IPolicy>? CreatePolicy { get; init; }

    /// <summary>
    /// Threads that run the dispatch loop, each for the CPUs of one or some last-level caches; 0 to 16. 0, the default: one per
    /// last-level cache, but for two CPUs at least. Never more than there are caches.
    /// </summary>
    public int DispatchLoops { get; init; }

    /// <summary>When user space is asked.</summary>
    public AskingMode Mode { get; init; }

    /// <summary>How long a parked task waits for a verdict before the kernel takes it in its own order, ns; 0 to 20 ms, 2 ms by default.</summary>
    public long LeaseNs { get; init; } = 2_000_000;

    /// <summary>Longest slice, ns, which is divided by the number of waiting tasks; 1 to 100 ms, 20 ms by default.</summary>
    public long SliceNs { get; init; } = 20_000_000;

    /// <summary>What no slice is divided below, ns; 1 ms by default. Only where hundreds wait for a CPU slices get shorter, as far as the watchdog asks for it.</summary>
    public long SliceMinNs { get; init; } = 1_000_000;

    /// <summary>
    /// How long a notice may stay unread before the kernel side goes on alone, ns; 20 ms by default. It only
    /// decides when to stop asking: no task waits longer than the lease.
    /// </summary>
    public long StaleNs { get; init; } = 20_000_000;

    /// <summary>After how long the kernel ejects a scheduler that lets a task wait, ms; 1,000 to 30,000, 10,000 by default.</summary>
    public int WatchdogMs { get; init; } = 10_000;

    /// <summary>
    /// Size of the ring that notices come in, bytes, a power of two from 4096 on; tests fill a small one. Several loops share
    /// it, but for at least 256 KiB each.
    /// </summary>
    internal uint NoticeRingBytes { get; init; } = 1 << 20;

    /// <summary>The kernel side obeys <see cref="Scheduler.Fail"/>. Only for tests of what comes after a failure.</summary>
    internal bool AllowFaults { get; init; }

    /// <summary>Schedule only tasks of the policy SCHED_EXT, and leave all others, this process too, to the kernel's own scheduler.</summary>
    public bool OnlyExtTasks { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DispatchLoops);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DispatchLoops, Wire.LoopState.Max);
        ArgumentOutOfRangeException.ThrowIfNegative(LeaseNs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LeaseNs, LeaseMaxNs);
        ArgumentOutOfRangeException.ThrowIfLessThan(SliceNs, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SliceNs, 100_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(SliceMinNs, 100_000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SliceMinNs, SliceNs);
        ArgumentOutOfRangeException.ThrowIfLessThan(StaleNs, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(WatchdogMs, 1_000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WatchdogMs, 30_000);
        if (CreatePolicy is null && !PolicyNames.All.Contains(Policy))
        {
            throw new ArgumentOutOfRangeException(nameof(Policy), Policy, $"Known policies: {string.Join(", ", PolicyNames.All)}.");
        }
    }
}
