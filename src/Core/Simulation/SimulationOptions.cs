using Coxswain.Core.Kernel;

namespace Coxswain.Core.Simulation;

/// <summary>A machine that does not exist. The same options and the same requests give the same run, to the nanosecond.</summary>
public sealed record SimulationOptions
{
    /// <summary>Online CPUs, 1 to 1,024; ids from 0.</summary>
    public int Cpus { get; init; } = 4;

    /// <summary>Last-level caches that share the CPUs, in order, equally; 1 to 128, and no more than CPUs.</summary>
    public int Llcs { get; init; } = 1;

    /// <summary>NUMA nodes that share the last-level caches in the same way; from 1 to <see cref="Llcs"/>.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>What the random numbers of behaviours begin with.</summary>
    public int Seed { get; init; }

    /// <summary>When user space is asked.</summary>
    public AskingMode Mode { get; init; }

    /// <summary>How long a parked task waits for a verdict before the kernel side takes it in its own order, ns; 0 to 20 ms.</summary>
    public long LeaseNs { get; init; } = 2_000_000;

    /// <summary>How long a notice may stay unread before the kernel side goes on alone, ns; from 1 ms on.</summary>
    public long StaleNs { get; init; } = 20_000_000;

    /// <summary>Longest slice, ns; 1 to 100 ms.</summary>
    public long SliceNs { get; init; } = 20_000_000;

    /// <summary>What no slice is divided below, ns; 100 µs to <see cref="SliceNs"/>.</summary>
    public long SliceMinNs { get; init; } = 1_000_000;

    /// <summary>Notices that fit into the ring, 1 to 1,000,000; by default as many as into the real one.</summary>
    public int NoticeCapacity { get; init; } = 10_082;

    /// <summary>From a notice until the dispatch loop that slept runs, ns.</summary>
    public long LoopWakeNs { get; init; } = 20_000;

    /// <summary>What a round of the dispatch loop takes, ns; from 1 on.</summary>
    public long LoopRoundNs { get; init; } = 5_000;

    /// <summary>What each task adds to a round, ns.</summary>
    public long LoopTaskNs { get; init; } = 300;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Cpus, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Cpus, Kernel.Wire.CpuState.Max);
        ArgumentOutOfRangeException.ThrowIfLessThan(Llcs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Llcs, Math.Min(Cpus, Kernel.Wire.Home.MaxLlcs));
        ArgumentOutOfRangeException.ThrowIfLessThan(Nodes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Nodes, Llcs);
        ArgumentOutOfRangeException.ThrowIfLessThan(NoticeCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NoticeCapacity, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfNegative(LoopWakeNs);
        ArgumentOutOfRangeException.ThrowIfLessThan(LoopRoundNs, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(LoopTaskNs);
        new SchedulerOptions { Mode = Mode, LeaseNs = LeaseNs, StaleNs = StaleNs, SliceNs = SliceNs, SliceMinNs = SliceMinNs }.Validate();
    }
}
