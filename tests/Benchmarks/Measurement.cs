namespace Coxswain.Benchmarks;

/// <summary>One line of artifacts/bench.json.</summary>
/// <param name="Scenario">What was done.</param>
/// <param name="Scheduler">By whom: eevdf, coxswain_POLICY, or none where no scheduler is part of it.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Median">Of the samples.</param>
/// <param name="CiLow">Lower end of the 95 % confidence interval of the median, by order statistics: no distribution is assumed.</param>
/// <param name="CiHigh">Its upper end.</param>
/// <param name="SampleCount">At least one.</param>
internal sealed record Measurement(
    string Scenario, string Scheduler, string Metric, string Unit, double Median, double CiLow, double CiHigh, int SampleCount)
{
    /// <summary>What the schedulers of this project are called by.</summary>
    public const string Ours = "coxswain_";

    /// <summary>Two-sided 95 % of the normal distribution.</summary>
    private const double Z = 1.96;

    /// <param name="scenario">What was done.</param>
    /// <param name="scheduler">By whom.</param>
    /// <param name="metric">What was measured.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="samples">At least one.</param>
    public Measurement(string scenario, string scheduler, string metric, string unit, double[] samples)
        : this(scenario, scheduler, metric, unit, Order([.. samples.Order()]))
    {
    }

    private Measurement(string scenario, string scheduler, string metric, string unit, (double Median, double Low, double High, int Count) order)
        : this(scenario, scheduler, metric, unit, order.Median, order.Low, order.High, order.Count)
    {
    }

    /// <summary>Ratio to the kernel's own scheduler in the same scenario; null where there is none.</summary>
    public double? RatioToEevdf { get; init; }

    /// <summary>False of one sample, whose interval would be itself.</summary>
    public bool HasInterval => SampleCount > 1;

    /// <summary>True of throughput; of time less is better.</summary>
    public bool IsMoreBetter => Unit.EndsWith("/s", StringComparison.Ordinal);

    /// <summary>The unit with the letters that people write.</summary>
    public string UnitOfPeople => Unit switch { "us" => "µs", "pct" => "%", "" => "ratio", _ => Unit };

    /// <returns>Null where a run has none.</returns>
    public static Measurement? Find(IReadOnlyList<Measurement> run, string scenario, string scheduler, string metric) =>
        run.FirstOrDefault(m => m.Scenario == scenario && m.Scheduler == scheduler && m.Metric == metric);

    private static (double Median, double Low, double High, int Count) Order(double[] sorted)
    {
        int count = sorted.Length;
        double spread = Z * Math.Sqrt(count);
        return (
            (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
            sorted[Math.Max(0, (int)Math.Floor((count - spread) / 2))],
            sorted[Math.Min(count - 1, (int)Math.Ceiling((count + spread) / 2) - 1)],
            count);
    }
}
