using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>Kernel to user space: this task is parked. Mirrors <c>struct cox_notice</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Notice
{
    /// <summary><see cref="Weight"/> of a thread at nice 0.</summary>
    public const uint NormalWeight = 100;

    /// <summary>Number of this waiting period of the task; the verdict must carry it.</summary>
    public ulong Generation;

    /// <summary>Boot time of the task's creation in ns: its identity, with <see cref="Pid"/>.</summary>
    public ulong StartTimeNs;

    /// <summary>When it was parked, CLOCK_MONOTONIC ns.</summary>
    public ulong ParkedNs;

    /// <summary>
    /// Its place in the kernel side's own order: CPU time used by weight, plus <see cref="BurstNs"/>, less the head start of
    /// its class; in steps of 2^20 ns, so that who comes first goes first among those that are about equal.
    /// </summary>
    public ulong Vtime;

    /// <summary>Id of its cgroup (v2).</summary>
    public ulong CgroupId;

    /// <summary>CPU time since it last woke, ns.</summary>
    public ulong RunNs;

    /// <summary>What of <see cref="RunNs"/> is in <see cref="Vtime"/>, ns: at most the slice that the task is granted.</summary>
    public ulong BurstNs;

    /// <summary>Slice of its directive in ns; 0 when it has none.</summary>
    public ulong SliceNs;

    /// <summary>Thread id.</summary>
    public int Pid;

    /// <summary>Process id.</summary>
    public int Tgid;

    /// <summary>CPU it ran on last.</summary>
    public int Cpu;

    /// <summary>Weight from its nice value, 1 to 10000; 100 is nice 0.</summary>
    public uint Weight;

    /// <summary>Effective class.</summary>
    public SchedulingClass Class;

    /// <summary>Number of CPUs it may run on.</summary>
    public uint NrCpusAllowed;

    /// <summary>Name, NUL-terminated.</summary>
    public TaskName Comm;

    /// <summary>The 16 bytes of a task's name.</summary>
    [InlineArray(16)]
    public struct TaskName
    {
        private byte _first;
    }
}
