using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>What a policy may want to know, read once per batch.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DispatchContext
{
    /// <summary>CLOCK_MONOTONIC, ns.</summary>
    public ulong NowNs;

    /// <summary>The kernel side's clock of used CPU time: the vtime of the task that has run least lately.</summary>
    public ulong VtimeNow;

    /// <summary>Longest slice, ns.</summary>
    public ulong SliceMaxNs;

    /// <summary>What no slice is divided below, ns.</summary>
    public ulong SliceMinNs;

    /// <summary>Online CPUs.</summary>
    public int Cpus;

    /// <summary>Slice of a task when <paramref name="waiting"/> tasks wait: its directive's, else the longest one shared among them.</summary>
    public readonly ulong SliceFor(in Notice notice, int waiting)
    {
        if (notice.SliceNs != 0)
        {
            return notice.SliceNs;
        }
        ulong share = SliceMaxNs / (1 + (ulong)(waiting / Math.Max(Cpus, 1)));
        return Math.Max(share, SliceMinNs);
    }
}
