using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe.Wire;

/// <summary>One thread as the kernel side counts it, in shared memory; mirrors <c>struct cox_obs_task</c>, where each member is explained.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TaskRecord
{
    public int Pid;
    public uint KernelThread;
    public ulong StartTimeNs;
    public ulong InNs;
    public ulong OutNs;
    public ulong WakingNs;
    public ulong WaitNs;
    public ulong RunNs;
    public uint Waits;
    public uint Wakeups;
    public uint Voluntary;
    public uint Involuntary;
    public uint MigrationsCore;
    public uint MigrationsLlc;
    public uint MigrationsFar;
    public int Cpu;
    public ulong LongestNs;
    public ulong CgroupId;
    public ulong EdgeNs;
    public uint EdgeCount;
    public uint EdgeWaker;
    public uint Waker;
    public int Tgid;
    public uint Runnable;
    public uint OnCpu;
    public TaskName Comm;

    /// <summary>COX_OBS_COMM_LEN bytes.</summary>
    [InlineArray(16)]
    internal struct TaskName
    {
        private byte _first;
    }
}
