namespace Coxswain.Core.Observe;

/// <summary>What a comparison says.</summary>
public enum ComparisonVerdict
{
    /// <summary>No difference that could not be chance, or none that matters, or too few samples to tell.</summary>
    NoClearDifference = 0,

    /// <summary>The later one is better.</summary>
    Better = 1,

    /// <summary>The later one is worse.</summary>
    Worse = 2,
}

/// <summary>Two observations beside each other.</summary>
/// <remarks>
/// A difference is clear when two tests agree: seconds are drawn anew from each side (bootstrap), and the interval that holds 95 %
/// of the differences so found lies on one side of nothing; and the seconds' ranks differ more than chance would have it in 5 %
/// (Mann-Whitney). Seconds are the samples, not single waits: those of one second are not independent of each other.
/// </remarks>
public sealed record Comparison
{
    /// <summary>Fewer seconds with samples than this on a side are too few to tell anything.</summary>
    public const int LeastSeconds = 8;

    /// <summary>Fewer waits than this on a side are too few.</summary>
    public const long LeastWaits = 100;

    /// <summary>A smaller difference is none that matters: histograms are exact to 6 %.</summary>
    public const double LeastDifference = 0.06;

    private const int Draws = 400;
    private const double Level = 0.05;

    /// <summary>What is compared.</summary>
    public required ObservedMeasure Measure { get; init; }

    /// <summary>The number before: ns, or CPUs; null when there was nothing.</summary>
    public required double? Before { get; init; }

    /// <summary>The number after.</summary>
    public required double? After { get; init; }

    /// <summary>(after - before) / before; null where that cannot be told.</summary>
    public double? Difference { get; init; }

    /// <summary>Lower end of the 95 % interval of the difference.</summary>
    public double? DifferenceLow { get; init; }

    /// <summary>Upper end of it.</summary>
    public double? DifferenceHigh { get; init; }

    /// <summary>How likely it is that the difference has this sign, 0.5 to 1.</summary>
    public double? Confidence { get; init; }

    /// <summary>Probability that ranks differ so much by chance.</summary>
    public double? RankP { get; init; }

    /// <summary>What follows.</summary>
    public ComparisonVerdict Verdict { get; init; }

    /// <summary>There were too few seconds or waits to tell anything.</summary>
    public bool TooFewSamples { get; init; }

    /// <summary>Seconds with samples before.</summary>
    public required int SecondsBefore { get; init; }

    /// <summary>Seconds with samples after.</summary>
    public required int SecondsAfter { get; init; }

    /// <summary>Compares.</summary>
    /// <param name="before">Seconds of the baseline.</param>
    /// <param name="after">Seconds of now.</param>
    /// <param name="measure">By what.</param>
    public static Comparison Of(IReadOnlyList<ObservedSecond> before, IReadOnlyList<ObservedSecond> after, ObservedMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ObservedSecond[] first = [.. before.Where(second => Usable(second, measure))], last = [.. after.Where(second => Usable(second, measure))];
        var result = new Comparison
        {
            Measure = measure,
            Before = Pooled(first, measure),
            After = Pooled(last, measure),
            SecondsBefore = first.Length,
            SecondsAfter = last.Length,
        };
        if (Math.Min(first.Length, last.Length) < LeastSeconds || (measure != ObservedMeasure.Cpu && Math.Min(Waits(first), Waits(last)) < LeastWaits) ||
            result is not { Before: > 0, After: not null })
        {
            return result with { TooFewSamples = true };
        }

        return result.Judge(first, last);
    }

    private Comparison Judge(ObservedSecond[] first, ObservedSecond[] last)
    {
        // The same numbers give the same answer.
        var random = new Random(1);
        var differences = new double[Draws];
        for (var i = 0; i < Draws; i++)
        {
            differences[i] = Draw(first, random) is > 0 and var a && Draw(last, random) is { } b ? b / a - 1 : 0;
        }

        Array.Sort(differences);
        var difference = After!.Value / Before!.Value - 1;
        var (low, high) = (differences[(int)(Draws * Level / 2)], differences[(int)(Draws * (1 - Level / 2)) - 1]);
        var sameSign = differences.Count(one => difference >= 0 ? one > 0 : one < 0) + differences.Count(one => one == 0) / 2.0;
        var p = RankTest.P([.. first.Select(Value)], [.. last.Select(Value)]);
        var clear = (low > 0 || high < 0) && p < Level && Math.Abs(difference) >= LeastDifference;
        return this with
        {
            Difference = difference,
            DifferenceLow = low,
            DifferenceHigh = high,
            Confidence = Math.Max(0.5, sameSign / Draws),
            RankP = p,
            Verdict = !clear ? ComparisonVerdict.NoClearDifference
                : difference < 0 == Measure.LessIsBetter() ? ComparisonVerdict.Better : ComparisonVerdict.Worse,
        };
    }

    private double Value(ObservedSecond second) => Measure.Of(second.Metrics, second.DurationNs) ?? 0;

    private double? Draw(ObservedSecond[] from, Random random)
    {
        var drawn = new ObservedSecond[from.Length];
        for (var i = 0; i < drawn.Length; i++)
        {
            drawn[i] = from[random.Next(from.Length)];
        }

        return Pooled(drawn, Measure);
    }

    private static double? Pooled(IReadOnlyCollection<ObservedSecond> seconds, ObservedMeasure measure)
    {
        var sum = new ObservedMetrics();
        long duration = 0;
        foreach (var second in seconds)
        {
            sum.Add(second.Metrics);
            duration += second.DurationNs;
        }

        return measure.Of(sum, duration);
    }

    private static bool Usable(ObservedSecond second, ObservedMeasure measure) =>
        second.DurationNs > 0 && (measure == ObservedMeasure.Cpu || second.Metrics.Waits > 0);

    private static long Waits(ObservedSecond[] seconds) => seconds.Sum(second => second.Metrics.Waits);
}
