using Perfolizer.Horology;

namespace Coxswain.Benchmarks;

/// <summary>CPU time of the calling thread: what others run on the machine meanwhile does not count.</summary>
internal sealed class ThreadCpuClock : IClock
{
    public string Title => "thread CPU time";

    public bool IsAvailable => OperatingSystem.IsLinux();

    public Frequency Frequency => new(1_000_000_000);

    public long GetTimestamp() => CpuClock.OfThread;
}
