namespace Coxswain.Benchmarks;

/// <summary>One line of artifacts/bench.json, from its samples.</summary>
/// <param name="Scenario">What was done.</param>
/// <param name="Scheduler">By whom: eevdf, coxswain_POLICY, or none where no scheduler is part of it.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Samples">At least one.</param>
internal sealed record Measurement(string Scenario, string Scheduler, string Metric, string Unit, double[] Samples)
{
    /// <summary>Two-sided 95 % of the normal distribution.</summary>
    private const double Z = 1.96;

    /// <summary>Ratio to the kernel's own scheduler in the same scenario; null where there is none.</summary>
    public double? RatioToEevdf { get; init; }

    public double Median => Quantile(0.5);

    /// <summary>Lower end of the 95 % confidence interval of the median, by order statistics: no distribution is assumed.</summary>
    public double CiLow => Sorted[Math.Max(0, (int)Math.Floor((Samples.Length - Z * Math.Sqrt(Samples.Length)) / 2))];

    /// <summary>Its upper end.</summary>
    public double CiHigh => Sorted[Math.Min(Samples.Length - 1, (int)Math.Ceiling((Samples.Length + Z * Math.Sqrt(Samples.Length)) / 2) - 1)];

    private double[] Sorted => [.. Samples.Order()];

    private double Quantile(double share)
    {
        double[] sorted = Sorted;
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
