using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>What a dispatch loop and the kernel side know of each other, in shared memory; mirrors <c>struct cox_loop</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LoopState
{
    /// <summary>Most loops (COX_MAX_LOOPS).</summary>
    public const int Max = 16;

    public ulong HeartbeatNs;
    public ulong HeartbeatCount;
    public uint Sleeping;
    public uint Reserved;
    public UserFill UserLine;
    public ulong UnseenNs;
    public ulong BeatMark;
    public ulong ModeSinceNs;
    public Mode Mode;
    public int Tid;
    public KernelFill KernelLine;

    /// <summary>Keeps what the kernel side writes out of the cache line of what we write.</summary>
    [InlineArray(5)]
    internal struct UserFill
    {
        private ulong _first;
    }

    /// <summary>Keeps the next loop out of the same cache line.</summary>
    [InlineArray(4)]
    internal struct KernelFill
    {
        private ulong _first;
    }
}
