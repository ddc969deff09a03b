using System.Runtime.InteropServices;

namespace Coxswain.Guest.Bench;

/// <summary>What a user changes by hand about threads: nice, chrt, a slice of their own; and signals.</summary>
internal static partial class HandTuning
{
    public const int Interrupt = 2;
    public const int Stop = 19;
    public const int Continue = 18;
    private const int Fifo = 1;
    private const long SysSchedSetAttr = 314; // x86-64

    /// <exception cref="GuestException">The kernel refused.</exception>
    public static void SetNice(int tid, int nice) => Check(setpriority(0, tid, nice), "setpriority", tid);

    /// <summary>SCHED_FIFO, priority 50.</summary>
    public static void SetFifo(int tid)
    {
        int priority = 50;
        Check(sched_setscheduler(tid, Fifo, ref priority), "sched_setscheduler", tid);
    }

    /// <summary>A slice of its own for a thread of the kernel's fair scheduler, which takes 100 µs to 100 ms (Linux 6.12).</summary>
    public static void SetFairSlice(int tid, ulong sliceNs)
    {
        var attributes = new SchedAttributes { Size = 48, RuntimeNs = sliceNs };
        Check((int)sched_setattr(SysSchedSetAttr, tid, ref attributes, 0), "sched_setattr", tid);
    }

    public static void Signal(int pid, int signal) => Check(kill(pid, signal), "kill", pid);

    private static void Check(int result, string call, int id)
    {
        if (result != 0)
        {
            throw new GuestException($"{call} of {id}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, int who, int nice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setscheduler(int pid, int policy, ref int priority);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long sched_setattr(long number, int pid, ref SchedAttributes attributes, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    /// <summary>struct sched_attr, its first version.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong RuntimeNs;
        public ulong DeadlineNs;
        public ulong PeriodNs;
    }
}
