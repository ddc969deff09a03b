using System.Runtime.InteropServices;
using Perfolizer.Horology;

namespace Coxswain.Benchmarks;

/// <summary>CPU time of the calling thread: what others run on the machine meanwhile does not count.</summary>
internal sealed unsafe partial class ThreadCpuClock : IClock
{
    private const int ClockThreadCpuTime = 3;

    public string Title => "thread CPU time";

    public bool IsAvailable => OperatingSystem.IsLinux();

    public Frequency Frequency => new(1_000_000_000);

    public long GetTimestamp()
    {
        TimeSpec time;
        _ = clock_gettime(ClockThreadCpuTime, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
