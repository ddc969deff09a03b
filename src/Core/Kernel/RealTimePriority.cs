using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>Until it is disposed of, the thread that made it is real-time (SCHED_FIFO, the lowest priority); then what it was before.</summary>
/// <remarks>
/// Before 7.0 the kernel makes tasks sched_ext's one after the other in the thread that attaches. That thread's own turn comes
/// before all are through, and who is not sched_ext's yet goes before those who are: where each CPU has somebody who never
/// sleeps, attaching would never end, and what of the kernel's own threads is sched_ext's already would not run either. The
/// machine hangs. A real-time thread stays what it is, and goes before them. (From 7.0 on the kernel does it in such a thread.)
/// </remarks>
internal readonly ref struct RealTimePriority : IDisposable
{
    /// <summary>The first kernel that attaches in a real-time thread of its own.</summary>
    private static readonly Version s_attachesInOwnThread = new(7, 0);

    private const int Fifo = 1;
    private const int ResetOnFork = 0x40000000; // no thread that is made meanwhile is real-time

    private readonly int _policy;
    private readonly int _priority;

    private RealTimePriority(int policy, int priority)
    {
        _policy = policy;
        _priority = priority;
    }

    /// <summary>Has the thread that attaches to be real-time with this kernel?</summary>
    /// <param name="release">As uname -r says it.</param>
    public static bool IsNeeded(string release) => KernelRelease.Parse(release) < s_attachesInOwnThread;

    /// <summary>For the calling thread.</summary>
    /// <exception cref="SchedulerUnavailableException">The kernel refuses it.</exception>
    public static RealTimePriority Take()
    {
        int policy = LibC.sched_getscheduler(0), priority = 0;
        _ = LibC.sched_getparam(0, ref priority);
        int lowest = 1;
        return LibC.sched_setscheduler(0, Fifo | ResetOnFork, ref lowest) == 0
            ? new RealTimePriority(policy, priority)
            : throw new SchedulerUnavailableException(
                $"The kernel does not let a thread of this process be real-time ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}). " +
                $"Before Linux 7.0 the one that attaches a scheduler has to be, for a moment: on a machine that is busy it might never end otherwise, and hang the machine. " +
                "Run it as root or with CAP_SYS_NICE, and without RestrictRealtime= in its systemd unit.");
    }

    public void Dispose()
    {
        int priority = _priority;
        _ = LibC.sched_setscheduler(0, _policy, ref priority);
    }
}
