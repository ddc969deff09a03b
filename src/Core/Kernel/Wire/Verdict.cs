using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>User space to kernel: run it there, then, this long. Mirrors <c>struct cox_verdict</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Verdict
{
    /// <summary>For <see cref="Cpu"/>: any CPU, through the shared run queue.</summary>
    public const int AnyCpu = -1;

    /// <summary>Shortest slice that is not refused, ns: 100 µs.</summary>
    public const ulong SliceMinNs = 100_000;

    /// <summary>Longest slice that is not refused, ns: 100 ms.</summary>
    public const ulong SliceMaxNs = 100_000_000;

    /// <summary>Generation of the notice that this answers.</summary>
    public ulong Generation;

    /// <summary>Start time of the notice that this answers.</summary>
    public ulong StartTimeNs;

    /// <summary>Slice in ns, <see cref="SliceMinNs"/> to <see cref="SliceMaxNs"/>.</summary>
    public ulong SliceNs;

    /// <summary>Key in the run queue; smaller runs first. At most 1 s away from the kernel's clock.</summary>
    public ulong Vtime;

    /// <summary>Thread id.</summary>
    public int Pid;

    /// <summary>CPU to run on, or <see cref="AnyCpu"/>.</summary>
    public int Cpu;
}
