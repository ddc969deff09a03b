using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>
/// What one thread's histogram held when it was last read. The kernel side only ever adds to a histogram, without atomic
/// operations; what is new is the difference. Few buckets of a thread have anything in them, so only these are kept.
/// </summary>
/// <remarks>The default is a thread that was never read. Not to be copied once it is in use.</remarks>
internal struct WaitCounts
{
    // Bucket in the upper eight bits, its count in the lower 24, ascending. No thread waits 2^24 times between two readings.
    private const int CountBits = 24;
    private const uint CountMask = (1u << CountBits) - 1;

    private uint[]? _known;

    /// <summary>Adds what came since the last call.</summary>
    /// <param name="histogram">Counts since the thread was first seen; they wrap around, those of long waits soon.</param>
    /// <param name="metrics">Where the new ones are added.</param>
    /// <returns>How many are new.</returns>
    public long AddSince(ref readonly HistogramRecord histogram, ObservedMetrics metrics)
    {
        var at = 0;
        return AddSince<uint>(histogram.ShortWaits, 0, CountMask, ref at, metrics)
            + AddSince<ushort>(histogram.MiddleWaits, HistogramRecord.Third, ushort.MaxValue, ref at, metrics)
            + AddSince<byte>(histogram.LongWaits, 2 * HistogramRecord.Third, byte.MaxValue, ref at, metrics);
    }

    private long AddSince<T>(ReadOnlySpan<T> counts, int firstBucket, uint mask, ref int at, ObservedMetrics metrics)
        where T : unmanaged, IBinaryInteger<T>
    {
        long added = 0;
        ref var start = ref MemoryMarshal.GetReference(counts);
        for (var chunk = 0; chunk < counts.Length; chunk += Vector256<T>.Count)
        {
            // Most are empty. One that is known and has come round to zero is not.
            var empty = Vector256.Equals(Vector256.LoadUnsafe(ref start, (nuint)chunk), Vector256<T>.Zero).ExtractMostSignificantBits();
            var filled = ~empty & (uint)((1UL << Vector256<T>.Count) - 1) | KnownFrom(at, firstBucket + chunk, Vector256<T>.Count);
            for (; filled != 0; filled &= filled - 1)
            {
                var index = chunk + BitOperations.TrailingZeroCount(filled);
                added += AddSince((byte)(firstBucket + index), uint.CreateTruncating(Unsafe.Add(ref start, index)), mask, ref at, metrics);
            }
        }

        return added;
    }

    private readonly uint KnownFrom(int at, int bucket, int count)
    {
        uint bits = 0;
        for (var known = _known ?? []; at < known.Length && known[at] >> CountBits < bucket + count; at++)
        {
            if (known[at] >> CountBits >= bucket)
            {
                bits |= 1u << (int)((known[at] >> CountBits) - bucket);
            }
        }

        return bits;
    }

    private long AddSince(byte bucket, uint count, uint mask, ref int at, ObservedMetrics metrics)
    {
        var known = _known ?? [];
        while (at < known.Length && known[at] >> CountBits < bucket)
        {
            at++;
        }

        if (at == known.Length || known[at] >> CountBits != bucket)
        {
            known = Insert(at, bucket);
        }

        var since = (count - known[at]) & mask;
        if (since != 0)
        {
            known[at] = (uint)bucket << CountBits | (count & CountMask);
            metrics.AddBucket(bucket, since);
        }

        return since;
    }

    private uint[] Insert(int index, byte bucket)
    {
        var before = _known ?? [];
        var known = new uint[before.Length + 1];
        before.AsSpan(0, index).CopyTo(known);
        before.AsSpan(index).CopyTo(known.AsSpan(index + 1));
        known[index] = (uint)bucket << CountBits;
        return _known = known;
    }
}
