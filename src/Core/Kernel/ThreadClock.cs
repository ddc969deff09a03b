namespace Coxswain.Core.Kernel;

/// <summary>CPU time of the calling thread.</summary>
internal static unsafe class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>In ns.</summary>
    public static long NowNs
    {
        get
        {
            LibC.TimeSpec time;
            return LibC.clock_gettime(ThreadCpuTime, &time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : 0;
        }
    }
}
