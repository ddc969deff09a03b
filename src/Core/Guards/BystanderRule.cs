using System.Globalization;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;

namespace Coxswain.Core.Guards;

/// <summary>When workloads that no change touches count as harmed: what the daemon's own guard compares, and how.</summary>
/// <remarks>
/// The 99th percentile of their waits must be above what it was before by a factor, above any single second of before, and above
/// a bound, in each of several seconds in a row and with enough waits in them: a moment's noise harms nobody.
/// </remarks>
internal sealed class BystanderRule(GuardOptions options)
{
    /// <summary>How far back it looks, before the change and after, s.</summary>
    public const int MostSeconds = 10;

    /// <summary>Least seconds before the change.</summary>
    public const int LeastBefore = 3;

    /// <summary>Least waits on each side.</summary>
    public const int LeastWaits = 50;

    private const ObservedMeasure Measure = ObservedMeasure.WaitP99;

    /// <summary>Tells whether enough was seen before a change.</summary>
    public static bool IsEnough(Observation before) => before.Seconds.Count >= LeastBefore && before.Total.Waits >= LeastWaits;

    /// <summary>Judges what came after a change.</summary>
    /// <param name="before">Seconds before it.</param>
    /// <param name="after">Seconds after it, of the same workloads; the last ones decide.</param>
    /// <param name="longestFirst">Names the workloads of what was seen, those first that waited longest in sum.</param>
    /// <returns>First of the seconds that show harm, and what they show; null when there is none.</returns>
    public (uint From, GuardFinding Finding)? Judge(Observation before, Observation after, Func<Observation, IReadOnlyList<string>> longestFirst)
    {
        if (!IsEnough(before) || LastSeconds(after) is not { } last)
        {
            return null;
        }

        var usualNs = Measure.Of(before.Total, before.DurationNs)!.Value;
        var worstNs = before.Seconds.Max(second => Waits.Of(Measure, second) ?? 0);
        var limitNs = Math.Max(Math.Max(usualNs * options.WorsePercent / 100, worstNs), options.MinWaitUs * 1000.0);
        var leastNs = last.Seconds.Min(second => Waits.Of(Measure, second) ?? 0);
        return leastNs > limitNs ? (last.From, Finding(before, last, longestFirst(last), usualNs, leastNs, limitNs)) : null;
    }

    // As few as say enough.
    private Observation? LastSeconds(Observation after)
    {
        for (var count = options.ForSeconds; count <= after.Seconds.Count; count++)
        {
            var seconds = after.Seconds.TakeLast(count).ToList();
            if (seconds.Sum(second => second.Metrics.Waits) >= LeastWaits)
            {
                return new Observation(seconds[0].Number, after.To, seconds, after.Tasks, after.InterruptShare);
            }
        }

        return null;
    }

    private static GuardFinding Finding(Observation before, Observation last, IReadOnlyList<string> workloads, double usualNs, double leastNs, double limitNs)
    {
        var named = string.Join(", ", workloads.Take(3)) + (workloads.Count > 3 ? $" and {workloads.Count - 3} more" : "");
        return new GuardFinding(GuardTrigger.Bystanders, string.Create(
            CultureInfo.InvariantCulture,
            $"the 99th percentile of run-queue waits of workloads that no change touches ({named}) rose from {usualNs / 1e6:0.00} ms ({before.Seconds.Count} s, {before.Total.Waits} waits) to {leastNs / 1e6:0.00} ms and more (each of {last.Seconds.Count} s, {last.Total.Waits} waits), and {limitNs / 1e6:0.00} ms are accepted"))
        {
            Metric = "wait_p99_us",
            Workload = GuardWorkload.OthersText,
            BeforeUs = usualNs / 1000,
            MeasuredUs = leastNs / 1000,
            LimitUs = limitNs / 1000,
            Seconds = last.Seconds.Count,
            Samples = last.Total.Waits,
        };
    }
}
