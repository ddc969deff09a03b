using Coxswain.Core.Observe;

namespace Coxswain.Core.Guards;

/// <summary>Waits for a CPU in one second, with the one that goes on: who is starved would otherwise not be seen at all.</summary>
internal static class Waits
{
    /// <summary>A measure of them, ns.</summary>
    /// <returns>Null when nobody waited.</returns>
    public static double? Of(ObservedMeasure measure, ObservedSecond second)
    {
        var metrics = second.Metrics;
        if (metrics.UnfinishedWaitNs > 0)
        {
            metrics = new ObservedMetrics();
            metrics.Add(second.Metrics);
            metrics.Waits++;
            metrics.WaitNs += metrics.UnfinishedWaitNs;
            metrics.LongestWaitNs = Math.Max(metrics.LongestWaitNs, metrics.UnfinishedWaitNs);
            metrics.AddBucket(WaitBuckets.Of((ulong)metrics.UnfinishedWaitNs), 1);
        }

        return metrics.Waits > 0 ? measure.Of(metrics, second.DurationNs) : null;
    }
}
