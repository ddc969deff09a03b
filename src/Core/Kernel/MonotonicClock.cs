using System.Diagnostics;

namespace Coxswain.Core.Kernel;

/// <summary>The clock of everything that crosses to the kernel: CLOCK_MONOTONIC in ns, as bpf_ktime_get_ns().</summary>
public static class MonotonicClock
{
    /// <summary>Now, in ns since boot without the time in suspend.</summary>
    /// <remarks>On Linux <see cref="Stopwatch"/> counts CLOCK_MONOTONIC in ns.</remarks>
    public static ulong NowNs => (ulong)Stopwatch.GetTimestamp();
}
