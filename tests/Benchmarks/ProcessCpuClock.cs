using Perfolizer.Horology;

namespace Coxswain.Benchmarks;

/// <summary>CPU time of all threads of this process: what is done by several of them counts, what others run on the machine meanwhile does not.</summary>
internal sealed class ProcessCpuClock : IClock
{
    public string Title => "process CPU time";

    public bool IsAvailable => OperatingSystem.IsLinux();

    public Frequency Frequency => new(1_000_000_000);

    public long GetTimestamp() => CpuClock.OfProcess(Environment.ProcessId);
}
