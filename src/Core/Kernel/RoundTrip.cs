namespace Coxswain.Core.Kernel;

/// <summary>Time from a notice to its applied verdict, since the scheduler was attached.</summary>
/// <param name="Count">Verdicts applied.</param>
/// <param name="P50Us">Median, µs. Percentiles are upper bounds of buckets, at most a quarter too large.</param>
/// <param name="P90Us">90th percentile, µs.</param>
/// <param name="P99Us">99th percentile, µs.</param>
/// <param name="MaxUs">Upper bound of the largest, µs.</param>
public sealed record RoundTrip(long Count, double P50Us, double P90Us, double P99Us, double MaxUs)
{
    /// <summary>From the buckets of <c>cox_state.round_trip</c>; null when nothing was applied yet.</summary>
    internal static RoundTrip? From(ReadOnlySpan<ulong> buckets)
    {
        ulong total = 0;
        foreach (ulong bucket in buckets)
        {
            total += bucket;
        }
        return total == 0 ? null : new RoundTrip((long)total,
            Percentile(buckets, total, 0.5), Percentile(buckets, total, 0.9), Percentile(buckets, total, 0.99), Percentile(buckets, total, 1));
    }

    /// <summary>Where a bucket ends: four buckets for each doubling, the first from 1 µs on.</summary>
    public static double UpperBoundUs(int bucket) => (5 + bucket % 4) * Math.Pow(2, bucket / 4 - 2);

    private static double Percentile(ReadOnlySpan<ulong> buckets, ulong total, double share)
    {
        ulong wanted = (ulong)Math.Ceiling(total * share);
        ulong seen = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            seen += buckets[i];
            if (seen >= wanted)
            {
                return UpperBoundUs(i);
            }
        }
        return UpperBoundUs(buckets.Length - 1);
    }
}
