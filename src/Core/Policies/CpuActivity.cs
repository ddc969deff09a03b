using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>What a CPU does, as the kernel side last wrote it down.</summary>
public readonly struct CpuActivity
{
    private const uint RunningSystem = 6;
    private const uint Online = 1;
    private readonly uint _class;

    internal CpuActivity(in CpuState cpu)
    {
        IsOnline = Volatile.Read(in cpu.Online) == Online;
        _class = Volatile.Read(in cpu.RunningClass);
        RunningPid = Volatile.Read(in cpu.RunningPid);
        RunningSinceNs = Volatile.Read(in cpu.RunningSinceNs);
        Llc = (int)cpu.Llc;
    }

    /// <summary>Number of its last-level cache, from 0 on: CPUs of the same number share one.</summary>
    public int Llc { get; }

    /// <summary>Whether it takes tasks at all.</summary>
    public bool IsOnline { get; }

    /// <summary>Online, and idle or with a task that this scheduler has no say in.</summary>
    public bool IsFree => IsOnline && _class == 0;

    /// <summary>Runs a kernel thread, or one of our own: never preempted.</summary>
    public bool RunsSystem => _class == RunningSystem;

    /// <summary>Class of the task that it runs; <see cref="SchedulingClass.Unset"/> when free or with the system's work.</summary>
    public SchedulingClass RunningClass => RunsSystem ? SchedulingClass.Unset : (SchedulingClass)_class;

    /// <summary>Thread id of the task that it runs; 0 when free.</summary>
    public int RunningPid { get; }

    /// <summary>Since when it runs, or last ran, a task; CLOCK_MONOTONIC ns.</summary>
    public ulong RunningSinceNs { get; }
}
