using System.Runtime.InteropServices;

namespace Coxswain.Benchmarks;

/// <summary>CPU time in ns, as finely as the kernel counts it: what others run on the machine meanwhile does not count.</summary>
internal static unsafe partial class CpuClock
{
    private const int Thread = 3;

    /// <summary>CPUCLOCK_SCHED of the kernel's include/linux/posix-timers.h, which glibc's clock_getcpuclockid uses as well.</summary>
    private const int Scheduled = 2;
    private const int PidShift = 3;

    /// <summary>Of the calling thread.</summary>
    public static long OfThread => Read(Thread);

    /// <summary>Of all threads of a process, also of those that have ended.</summary>
    public static long OfProcess(int pid) => Read((~pid << PidShift) | Scheduled);

    private static long Read(int clock)
    {
        TimeSpec time;
        return clock_gettime(clock, &time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : throw new InvalidOperationException($"clock {clock} cannot be read");
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
