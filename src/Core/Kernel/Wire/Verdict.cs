using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>User space to kernel: run it there, then, this long. Mirrors <c>struct cox_verdict</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Verdict
{
    /// <summary>For <see cref="Cpu"/>: any CPU, through the shared run queue.</summary>
    public const int AnyCpu = -1;

    /// <summary>Generation of the notice that this answers.</summary>
    public ulong Generation;

    /// <summary>Start time of the notice that this answers.</summary>
    public ulong StartTimeNs;

    /// <summary>Slice, 100 µs to 100 ms, in ns.</summary>
    public ulong SliceNs;

    /// <summary>Key in the run queue; smaller runs first. At most 1 s away from the kernel's clock.</summary>
    public ulong Vtime;

    /// <summary>The verdict for a task on any CPU.</summary>
    /// <param name="notice">The notice that this answers.</param>
    /// <param name="vtime">Key in the run queue.</param>
    /// <param name="sliceNs">Slice in ns.</param>
    public static Verdict For(in Notice notice, ulong vtime, ulong sliceNs) => new()
    {
        Generation = notice.Generation,
        StartTimeNs = notice.StartTimeNs,
        Pid = notice.Pid,
        Cpu = AnyCpu,
        Vtime = vtime,
        SliceNs = sliceNs,
    };

    /// <summary>Thread id.</summary>
    public int Pid;

    /// <summary>CPU to run on, or <see cref="AnyCpu"/>.</summary>
    public int Cpu;
}
