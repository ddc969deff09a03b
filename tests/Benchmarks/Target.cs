namespace Coxswain.Benchmarks;

/// <summary>What a figure of the product has to reach.</summary>
/// <param name="Promise">In words.</param>
/// <param name="Scenario">Where it is measured.</param>
/// <param name="Scheduler">By whom.</param>
/// <param name="Metric">What.</param>
/// <param name="Limit">The most, or the least, that it may be.</param>
/// <param name="Unit">Of figure and limit; × where they are ratios.</param>
/// <param name="Figure">Finds the figure among those of a run; null where it was not measured.</param>
internal sealed record Target(string Promise, string Scenario, string Scheduler, string Metric, double Limit, string Unit, Func<IReadOnlyList<Measurement>, double?> Figure)
{
    /// <summary>True: it may not be less. False: it may not be more.</summary>
    public bool IsFloor { get; init; }

    /// <summary>A ratio to the kernel's own scheduler: the median of those within each repetition.</summary>
    public static Target BesideEevdf(string promise, string scenario, string scheduler, string metric, double limit) =>
        new(promise, scenario, scheduler, metric, limit, "× eevdf", run => Measurement.Find(run, scenario, scheduler, metric)?.RatioToEevdf);

    /// <summary>A figure as it is.</summary>
    public static Target Of(string promise, string scenario, string scheduler, string metric, double limit, string unit) =>
        new(promise, scenario, scheduler, metric, limit, unit, run => Measurement.Find(run, scenario, scheduler, metric)?.Median);

    /// <summary>A ratio of two medians of one run.</summary>
    public static Target Beside(
        string promise, string scenario, string scheduler, string metric, double limit, string unit, (string Scenario, string Scheduler) other) =>
        new(promise, scenario, scheduler, metric, limit, unit, run =>
            Measurement.Find(run, scenario, scheduler, metric)?.Median / Measurement.Find(run, other.Scenario, other.Scheduler, metric)?.Median);

    /// <summary>What a run says of it.</summary>
    public TargetResult In(IReadOnlyList<Measurement> run) => new(this, Figure(run));
}

/// <summary>A target, and the figure of a run.</summary>
/// <param name="Target">What had to be reached.</param>
/// <param name="Figure">What was measured; null: nothing.</param>
internal sealed record TargetResult(Target Target, double? Figure)
{
    /// <summary>How far the figure is: 1 is the limit, more is missed; null: not measured.</summary>
    public double? Share => Figure is { } figure ? (Target.IsFloor ? Target.Limit / figure : figure / Math.Max(Target.Limit, double.Epsilon)) : null;

    /// <summary>In a word or two.</summary>
    public string Verdict => Share switch { null => "not measured in this run", <= 1 => "reached", _ => "**missed**" };
}
