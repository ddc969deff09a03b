namespace Coxswain.Core.Observe;

/// <summary>
/// What one thread's histogram held when it was last read. The kernel side only ever adds to a histogram, without atomic
/// operations; what is new is the difference. Few buckets of a thread have anything in them, so only these are kept.
/// </summary>
internal sealed class WaitCounts
{
    private Entry[] _entries = [];

    /// <summary>Adds what came since the last call.</summary>
    /// <param name="buckets">Counts since the thread was first seen; they wrap around at 2^32.</param>
    /// <param name="metrics">Where the new ones are added.</param>
    /// <returns>How many are new.</returns>
    public long AddSince(ReadOnlySpan<uint> buckets, ObservedMetrics metrics)
    {
        long added = 0;
        var known = 0;
        for (var bucket = 0; bucket < buckets.Length; bucket++)
        {
            var count = Volatile.Read(in buckets[bucket]);
            if (count == 0)
            {
                continue;
            }

            while (known < _entries.Length && _entries[known].Bucket < bucket)
            {
                known++;
            }

            if (known == _entries.Length || _entries[known].Bucket != bucket)
            {
                Insert(known, bucket);
            }

            var since = count - _entries[known].Count;
            if (since != 0)
            {
                _entries[known].Count = count;
                metrics.AddBucket(bucket, since);
                added += since;
            }
        }

        return added;
    }

    private void Insert(int index, int bucket)
    {
        var entries = new Entry[_entries.Length + 1];
        _entries.AsSpan(0, index).CopyTo(entries);
        _entries.AsSpan(index).CopyTo(entries.AsSpan(index + 1));
        entries[index].Bucket = bucket;
        _entries = entries;
    }

    private struct Entry
    {
        public int Bucket;
        public uint Count;
    }
}
