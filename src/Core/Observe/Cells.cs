using System.Numerics;

namespace Coxswain.Core.Observe;

/// <summary>How entries of a <see cref="CellLog"/> are written: numbers of variable length, the small ones short.</summary>
internal static class Cells
{
    /// <summary>Bytes that any entry fits in.</summary>
    public const int MostBytes = 4096;

    /// <summary>Writes what one owner did in a second.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> to, ulong owner, ObservedMetrics metrics)
    {
        var at = 0;
        Put(to, ref at, owner);
        Put(to, ref at, (ulong)metrics.Waits);
        Put(to, ref at, (ulong)metrics.WaitNs);
        Put(to, ref at, (ulong)metrics.LongestWaitNs);
        Put(to, ref at, (ulong)metrics.UnfinishedWaitNs);
        Put(to, ref at, (ulong)metrics.RunNs);
        Put(to, ref at, (ulong)metrics.Wakeups);
        Put(to, ref at, (ulong)metrics.VoluntarySwitches);
        Put(to, ref at, (ulong)metrics.InvoluntarySwitches);
        Put(to, ref at, (ulong)metrics.CoreMigrations);
        Put(to, ref at, (ulong)metrics.LlcMigrations);
        Put(to, ref at, (ulong)metrics.FarMigrations);
        var last = 0;
        var buckets = metrics.Buckets;
        for (var word = 0; word < ObservedMetrics.FilledWords; word++)
        {
            for (var left = metrics.Filled(word); left != 0; left &= left - 1)
            {
                var bucket = word << 6 | BitOperations.TrailingZeroCount(left);
                Put(to, ref at, (ulong)(bucket - last));
                Put(to, ref at, buckets[bucket]);
                last = bucket;
            }
        }

        return at;
    }

    /// <summary>Reads the owner of an entry.</summary>
    public static ulong Owner(ReadOnlySpan<byte> cell)
    {
        var at = 0;
        return Take(cell, ref at);
    }

    /// <summary>Reads from an entry how long its owner waited and ran, ns.</summary>
    public static (ulong WaitNs, ulong RunNs) Times(ReadOnlySpan<byte> cell)
    {
        var at = 0;
        Take(cell, ref at);
        Take(cell, ref at);
        var wait = Take(cell, ref at);
        Take(cell, ref at);
        Take(cell, ref at);
        return (wait, Take(cell, ref at));
    }

    /// <summary>Adds an entry to what is known.</summary>
    public static void AddTo(ObservedMetrics metrics, ReadOnlySpan<byte> cell)
    {
        var at = 0;
        Take(cell, ref at);
        metrics.Waits += (long)Take(cell, ref at);
        metrics.WaitNs += (long)Take(cell, ref at);
        metrics.LongestWaitNs = Math.Max(metrics.LongestWaitNs, (long)Take(cell, ref at));
        metrics.UnfinishedWaitNs = Math.Max(metrics.UnfinishedWaitNs, (long)Take(cell, ref at));
        metrics.RunNs += (long)Take(cell, ref at);
        metrics.Wakeups += (long)Take(cell, ref at);
        metrics.VoluntarySwitches += (long)Take(cell, ref at);
        metrics.InvoluntarySwitches += (long)Take(cell, ref at);
        metrics.CoreMigrations += (long)Take(cell, ref at);
        metrics.LlcMigrations += (long)Take(cell, ref at);
        metrics.FarMigrations += (long)Take(cell, ref at);
        var bucket = 0;
        while (at < cell.Length)
        {
            bucket += (int)Take(cell, ref at);
            metrics.AddBucket(bucket, Take(cell, ref at));
        }
    }

    /// <summary>Writes a pair of threads.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> to, int fromTask, int toTask, ulong ns, ulong count)
    {
        var at = 0;
        Put(to, ref at, (ulong)fromTask);
        Put(to, ref at, (ulong)toTask);
        Put(to, ref at, ns);
        Put(to, ref at, count);
        return at;
    }

    /// <summary>Reads a pair of threads.</summary>
    public static (int From, int To, ulong Ns, ulong Count) ReadPair(ReadOnlySpan<byte> cell)
    {
        var at = 0;
        return ((int)Take(cell, ref at), (int)Take(cell, ref at), Take(cell, ref at), Take(cell, ref at));
    }

    private static void Put(Span<byte> to, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            to[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        to[at++] = (byte)value;
    }

    private static ulong Take(ReadOnlySpan<byte> from, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = from[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
