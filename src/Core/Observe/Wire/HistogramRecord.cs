using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe.Wire;

/// <summary>Waiting times of one thread, in shared memory; mirrors <c>struct cox_obs_histogram</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HistogramRecord
{
    public Counts Buckets;

    /// <summary>COX_OBS_BUCKETS numbers.</summary>
    [InlineArray(WaitBuckets.Count)]
    internal struct Counts
    {
        private uint _first;
    }
}
