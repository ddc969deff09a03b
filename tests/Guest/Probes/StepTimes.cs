using System.Text.Json;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>How long each step of a task's way through user space took. Written by dispatch threads, read by another.</summary>
internal sealed class StepTimes
{
    /// <summary>From the notice until the loop read it.</summary>
    public Histogram NoticeToRead { get; } = new();

    /// <summary>From then until its verdict was written.</summary>
    public Histogram ReadToVerdict { get; } = new();

    /// <summary>From then until the kernel had applied the batch that it was in.</summary>
    public Histogram VerdictToApplied { get; } = new();

    /// <summary>What was counted since the last call; percentiles as those of <see cref="RoundTrip"/>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("steps_us");
        Write(json, "notice_to_read", NoticeToRead);
        Write(json, "read_to_verdict", ReadToVerdict);
        Write(json, "verdict_to_applied", VerdictToApplied);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Histogram histogram)
    {
        if (histogram.Take() is { } times)
        {
            json.WriteStartObject(name);
            json.WriteNumber("count", times.Count);
            json.WriteNumber("p50", times.P50Us);
            json.WriteNumber("p90", times.P90Us);
            json.WriteNumber("p99", times.P99Us);
            json.WriteNumber("max", times.MaxUs);
            json.WriteEndObject();
        }
    }

    /// <summary>Counts by duration, in the buckets that the kernel side counts round trips in (<c>record_round_trip</c> in bpf/park.bpf.h).</summary>
    internal sealed class Histogram
    {
        private readonly ulong[] _counts = new ulong[State.RoundTripBuckets.Count];

        /// <param name="ns">Below 0, as clocks of two CPUs may differ a little: counts as 0.</param>
        public void Add(long ns)
        {
            ulong quarters = (ulong)Math.Max(0, ns) / 250; // of a us
            int doublings = quarters < 8 ? 0 : 61 - System.Numerics.BitOperations.LeadingZeroCount(quarters);
            int bucket = (4 * doublings) + (int)Math.Max(4, quarters >> doublings) - 4;
            Interlocked.Increment(ref _counts[Math.Min(bucket, _counts.Length - 1)]);
        }

        /// <summary>What it has, and is then empty of; null when that is nothing.</summary>
        public RoundTrip? Take()
        {
            ulong[] taken = new ulong[_counts.Length];
            for (int i = 0; i < taken.Length; i++)
            {
                taken[i] = Interlocked.Exchange(ref _counts[i], 0);
            }

            return RoundTrip.From(taken);
        }
    }
}
