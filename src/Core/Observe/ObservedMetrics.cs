using System.Numerics;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe;

/// <summary>What some threads did in a span of time, added up.</summary>
public sealed class ObservedMetrics
{
    private readonly ulong[] _buckets = new ulong[WaitBuckets.Count];

    private const int FewBuckets = 24;

    // One bit for each bucket that has something in it: mostly few have.
    private ulong _filledLow;
    private ulong _filledMiddle;
    private ulong _filledHigh;

    /// <summary>How often a thread became runnable and then got a CPU: the samples of the percentiles.</summary>
    public long Waits { get; set; }

    /// <summary>Time runnable without a CPU, ns, counted when the wait ends.</summary>
    public long WaitNs { get; set; }

    /// <summary>The longest single wait, ns; exact.</summary>
    public long LongestWaitNs { get; set; }

    /// <summary>The longest wait that had not ended when it was last looked, ns; exact.</summary>
    public long UnfinishedWaitNs { get; set; }

    /// <summary>CPU time, ns, counted when a stint ends.</summary>
    public long RunNs { get; set; }

    /// <summary>How often a thread was woken.</summary>
    public long Wakeups { get; set; }

    /// <summary>Switches because a thread went to sleep.</summary>
    public long VoluntarySwitches { get; set; }

    /// <summary>Switches because somebody else was to run.</summary>
    public long InvoluntarySwitches { get; set; }

    /// <summary>Moves to another hardware thread of the same core.</summary>
    public long CoreMigrations { get; set; }

    /// <summary>Moves to another core that shares the last-level cache.</summary>
    public long LlcMigrations { get; set; }

    /// <summary>Moves to another last-level cache.</summary>
    public long FarMigrations { get; set; }

    /// <summary>Counts per bucket of <see cref="WaitBuckets"/>.</summary>
    public ReadOnlySpan<ulong> Buckets => _buckets;

    /// <summary>Stints on a CPU.</summary>
    public long Stints => VoluntarySwitches + InvoluntarySwitches;

    /// <summary>Counts waits of one bucket.</summary>
    public void AddBucket(int bucket, ulong count)
    {
        _buckets[bucket] += count;
        var bit = 1UL << bucket;
        if (bucket < 64)
        {
            _filledLow |= bit;
        }
        else if (bucket < 128)
        {
            _filledMiddle |= bit;
        }
        else
        {
            _filledHigh |= bit;
        }
    }

    /// <summary>Adds what others did.</summary>
    public void Add(ObservedMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Waits += other.Waits;
        WaitNs += other.WaitNs;
        LongestWaitNs = Math.Max(LongestWaitNs, other.LongestWaitNs);
        UnfinishedWaitNs = Math.Max(UnfinishedWaitNs, other.UnfinishedWaitNs);
        RunNs += other.RunNs;
        Wakeups += other.Wakeups;
        VoluntarySwitches += other.VoluntarySwitches;
        InvoluntarySwitches += other.InvoluntarySwitches;
        CoreMigrations += other.CoreMigrations;
        LlcMigrations += other.LlcMigrations;
        FarMigrations += other.FarMigrations;
        _filledLow |= other._filledLow;
        _filledMiddle |= other._filledMiddle;
        _filledHigh |= other._filledHigh;
        if (BitOperations.PopCount(other._filledLow) + BitOperations.PopCount(other._filledMiddle) + BitOperations.PopCount(other._filledHigh) <= FewBuckets)
        {
            // Those of one thread, which are added to its cgroup's: for each thread, each second.
            for (var word = 0; word < FilledWords; word++)
            {
                for (var left = other.Filled(word); left != 0; left &= left - 1)
                {
                    var bucket = word << 6 | BitOperations.TrailingZeroCount(left);
                    _buckets[bucket] += other._buckets[bucket];
                }
            }

            return;
        }

        // Comparisons do this some hundred thousand times.
        Span<Vector<ulong>> mine = MemoryMarshal.Cast<ulong, Vector<ulong>>(_buckets.AsSpan());
        ReadOnlySpan<Vector<ulong>> theirs = MemoryMarshal.Cast<ulong, Vector<ulong>>(other.Buckets);
        for (var i = 0; i < mine.Length; i++)
        {
            mine[i] += theirs[i];
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Waits = WaitNs = LongestWaitNs = UnfinishedWaitNs = RunNs = Wakeups = VoluntarySwitches = InvoluntarySwitches = 0;
        CoreMigrations = LlcMigrations = FarMigrations = 0;
        for (var word = 0; word < FilledWords; word++)
        {
            for (var left = Filled(word); left != 0; left &= left - 1)
            {
                _buckets[word << 6 | BitOperations.TrailingZeroCount(left)] = 0;
            }
        }

        _filledLow = _filledMiddle = _filledHigh = 0;
    }

    /// <summary>How many words <see cref="Filled"/> has.</summary>
    internal const int FilledWords = WaitBuckets.Count / 64;

    /// <summary>A bit for each of 64 buckets: is anything in it?</summary>
    internal ulong Filled(int word) => word == 0 ? _filledLow : word == 1 ? _filledMiddle : _filledHigh;

    /// <summary>The wait that a share of all waits did not exceed, ns; within 6 % of the true one.</summary>
    /// <param name="share">0.5 for the median, up to 1.</param>
    /// <returns>Null when nobody waited.</returns>
    public double? WaitPercentileNs(double share)
    {
        ulong total = 0;
        foreach (var count in _buckets)
        {
            total += count;
        }

        if (total == 0)
        {
            return null;
        }

        var wanted = Math.Max(1, (ulong)Math.Ceiling(total * share));
        ulong seen = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted)
            {
                // The longest one is known exactly, and no percentile lies above it.
                return LongestWaitNs > 0 ? Math.Min(WaitBuckets.MiddleNs(i), LongestWaitNs) : WaitBuckets.MiddleNs(i);
            }
        }

        return WaitBuckets.MiddleNs(WaitBuckets.Count - 1);
    }
}
