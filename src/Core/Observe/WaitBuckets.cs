using System.Numerics;

namespace Coxswain.Core.Observe;

/// <summary>The log-linear buckets of waiting times: eight for each doubling, from 512 ns to 8 s.</summary>
/// <remarks>The middle of a bucket is the value whose relative distance to both ends is the same: at most 1/17, 5.9 %.</remarks>
public static class WaitBuckets
{
    /// <summary>Number of buckets.</summary>
    public const int Count = 192;

    private const int FirstShift = 9;
    private const int PerDoubling = 8;

    /// <summary>The bucket that a time is counted in. The first takes all below it, too, and the last all above.</summary>
    public static int Of(ulong ns)
    {
        if (ns >> FirstShift == 0)
        {
            return 0;
        }

        var shift = BitOperations.Log2(ns);
        return Math.Min((shift - FirstShift) * PerDoubling + (int)((ns >> (shift - 3)) & (PerDoubling - 1)), Count - 1);
    }

    /// <summary>The time that stands for all in a bucket, ns.</summary>
    public static double MiddleNs(int bucket)
    {
        double low = LowNs(bucket), high = LowNs(bucket + 1);
        return 2 * low * high / (low + high);
    }

    /// <summary>Where a bucket begins, ns.</summary>
    public static double LowNs(int bucket) => (PerDoubling + bucket % PerDoubling) * Math.Pow(2, FirstShift - 3 + bucket / PerDoubling);
}
