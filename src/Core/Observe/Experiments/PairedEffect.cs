namespace Coxswain.Core.Observe.Experiments;

/// <summary>What switching something on did to one number of one group of threads.</summary>
/// <remarks>
/// The samples are pairs of periods, not single waits: those depend on each other. A difference is clear when a permutation test over
/// the pairs gives less than 5 %, the 95 % interval lies on one side of nothing, and it is at least 6 %, as histograms are not more exact.
/// </remarks>
public sealed record PairedEffect
{
    /// <summary>Fewest pairs from which anything can be told: of five, chance alone has all on one side in one of 16 cases.</summary>
    public const int LeastPairs = 6;

    private const double Level = 0.05;

    /// <summary>What is compared.</summary>
    public required ObservedMeasure Measure { get; init; }

    /// <summary>The number over all periods off: ns, or CPUs; null when there was nothing.</summary>
    public required double? Off { get; init; }

    /// <summary>The number over all periods on.</summary>
    public required double? On { get; init; }

    /// <summary>Pairs of which both sides gave a number.</summary>
    public required int Pairs { get; init; }

    /// <summary>(on - off) / off, the geometric mean of the pairs; null where it cannot be told.</summary>
    public double? Difference { get; init; }

    /// <summary>Lower end of its 95 % interval.</summary>
    public double? DifferenceLow { get; init; }

    /// <summary>Upper end of it.</summary>
    public double? DifferenceHigh { get; init; }

    /// <summary>Probability that chance alone makes such a difference.</summary>
    public double? P { get; init; }

    /// <summary>What follows.</summary>
    public ComparisonVerdict Verdict { get; init; }

    /// <summary>There were too few pairs or waits to tell anything.</summary>
    public bool TooFewSamples { get; init; }

    /// <summary>By how much it is better, as a share, above 0; or worse, below 0.</summary>
    public double Gain => Measure.LessIsBetter() ? -(Difference ?? 0) : Difference ?? 0;

    /// <summary>Judges one number of one group.</summary>
    /// <param name="periods">All periods, in pairs.</param>
    /// <param name="group">Which group.</param>
    /// <param name="measure">Which number.</param>
    /// <param name="seed">The same seed gives the same draws.</param>
    public static PairedEffect Of(IReadOnlyList<ExperimentPeriod> periods, int group, ObservedMeasure measure, int seed)
    {
        ArgumentNullException.ThrowIfNull(periods);
        List<double> ratios = [];
        for (var i = 0; i + 1 < periods.Count; i += 2)
        {
            var (on, off) = periods[i].IsOn ? (periods[i], periods[i + 1]) : (periods[i + 1], periods[i]);
            if (Value(on) is > 0 and { } with && Value(off) is > 0 and { } without)
            {
                ratios.Add(Math.Log(with / without));
            }
        }

        var (totalOff, waitsOff) = Pooled(isOn: false);
        var (totalOn, waitsOn) = Pooled(isOn: true);
        var effect = new PairedEffect { Measure = measure, Off = totalOff, On = totalOn, Pairs = ratios.Count };
        return ratios.Count < LeastPairs || (measure != ObservedMeasure.Cpu && Math.Min(waitsOff, waitsOn) < Comparison.LeastWaits)
            ? effect with { TooFewSamples = true }
            : effect.Judge(ratios, seed);

        double? Value(ExperimentPeriod period) => measure.Of(period.Groups[group].Metrics, period.Groups[group].DurationNs);

        (double? Value, long Waits) Pooled(bool isOn)
        {
            var sum = new ObservedMetrics();
            long duration = 0;
            foreach (var period in periods.Where(period => period.IsOn == isOn))
            {
                sum.Add(period.Groups[group].Metrics);
                duration += period.Groups[group].DurationNs;
            }

            return (measure.Of(sum, duration), sum.Waits);
        }
    }

    private PairedEffect Judge(List<double> ratios, int seed)
    {
        var difference = Math.Exp(ratios.Average()) - 1;
        var (low, high) = PairedTest.Interval(ratios, seed, Level);
        var p = PairedTest.P(ratios, seed);
        var clear = p < Level && (low > 0 || high < 0) && Math.Abs(difference) >= Comparison.LeastDifference;
        return this with
        {
            Difference = difference,
            DifferenceLow = Math.Exp(low) - 1,
            DifferenceHigh = Math.Exp(high) - 1,
            P = p,
            Verdict = !clear ? ComparisonVerdict.NoClearDifference
                : difference < 0 == Measure.LessIsBetter() ? ComparisonVerdict.Better : ComparisonVerdict.Worse,
        };
    }
}
