using System.Numerics;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe;

/// <summary>What some threads did in a span of time, added up.</summary>
public sealed class ObservedMetrics
{
    private readonly ulong[] _buckets = new ulong[WaitBuckets.Count];

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
    public void AddBucket(int bucket, ulong count) => _buckets[bucket] += count;

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
        Array.Clear(_buckets);
    }

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
