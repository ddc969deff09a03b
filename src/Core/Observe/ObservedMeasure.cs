namespace Coxswain.Core.Observe;

/// <summary>A number that observations are compared by.</summary>
public enum ObservedMeasure
{
    /// <summary>Median of the waits for a CPU; less is better.</summary>
    WaitP50 = 0,

    /// <summary>90th percentile of the waits; less is better.</summary>
    WaitP90 = 1,

    /// <summary>99th percentile of the waits; less is better.</summary>
    WaitP99 = 2,

    /// <summary>Mean wait; less is better.</summary>
    WaitMean = 3,

    /// <summary>CPU time per time; more is better.</summary>
    Cpu = 4,
}

/// <summary>Takes the numbers out of observations.</summary>
public static class ObservedMeasures
{
    /// <summary>True when less is better.</summary>
    public static bool LessIsBetter(this ObservedMeasure measure) => measure != ObservedMeasure.Cpu;

    /// <summary>The number; waits in ns, CPU as a share of one CPU.</summary>
    /// <returns>Null when there is nothing to tell it from.</returns>
    public static double? Of(this ObservedMeasure measure, ObservedMetrics metrics, long durationNs)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return measure switch
        {
            ObservedMeasure.WaitP50 => metrics.WaitPercentileNs(0.5),
            ObservedMeasure.WaitP90 => metrics.WaitPercentileNs(0.9),
            ObservedMeasure.WaitP99 => metrics.WaitPercentileNs(0.99),
            ObservedMeasure.WaitMean => metrics.Waits > 0 ? (double)metrics.WaitNs / metrics.Waits : null,
            _ => durationNs > 0 ? (double)metrics.RunNs / durationNs : null,
        };
    }
}
