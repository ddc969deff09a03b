using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe.Wire;

/// <summary>Waiting times of one thread, in shared memory; mirrors <c>struct cox_obs_histogram</c>, where it is explained.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HistogramRecord
{
    /// <summary>Buckets of each width (COX_OBS_THIRD).</summary>
    public const int Third = WaitBuckets.Count / 3;

    public ShortCounts ShortWaits;
    public MiddleCounts MiddleWaits;
    public LongCounts LongWaits;

    [InlineArray(Third)]
    internal struct ShortCounts
    {
        private uint _first;
    }

    [InlineArray(Third)]
    internal struct MiddleCounts
    {
        private ushort _first;
    }

    [InlineArray(Third)]
    internal struct LongCounts
    {
        private byte _first;
    }
}
