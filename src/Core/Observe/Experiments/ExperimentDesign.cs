namespace Coxswain.Core.Observe.Experiments;

/// <summary>When something is switched on and off to learn what it does.</summary>
/// <remarks>
/// Periods come in pairs, one on and one off, in an order drawn anew for each: what drifts, and whatever comes regularly, then hits both
/// sides alike. The first part of each period is cut off: it still shows the one before.
/// </remarks>
public sealed record ExperimentDesign
{
    /// <summary>Fewest periods: with fewer pairs no difference could be told from chance in 95 % of all cases.</summary>
    public const int MinPeriods = 2 * PairedEffect.LeastPairs;

    /// <summary>Most periods.</summary>
    public const int MaxPeriods = 60;

    /// <summary>Shortest period, s.</summary>
    public const int MinPeriodSeconds = 3;

    /// <summary>Longest period, s.</summary>
    public const int MaxPeriodSeconds = 60;

    /// <summary>Longest experiment, s: all periods together.</summary>
    public const int MaxSeconds = 1800;

    /// <summary>Periods when nothing is said.</summary>
    public const int DefaultPeriods = MinPeriods;

    /// <summary>Length of a period when nothing is said, s; with <see cref="DefaultPeriods"/> it ends before most clients lose patience.</summary>
    public const int DefaultPeriodSeconds = 4;

    // The part of a period that is cut off.
    private const int WarmUpShare = 5;

    /// <summary>Periods in all, half of them on.</summary>
    public int Periods { get; init; } = DefaultPeriods;

    /// <summary>Length of each, s.</summary>
    public int PeriodSeconds { get; init; } = DefaultPeriodSeconds;

    /// <summary>By what it is judged.</summary>
    public required ObservedMeasure Measure { get; init; }

    /// <summary>The same seed gives the same order and the same draws.</summary>
    public int Seed { get; init; }

    /// <summary>What is cut off at the start of each period, s.</summary>
    public int WarmUpSeconds => Math.Max(1, PeriodSeconds / WarmUpShare);

    /// <summary>What is measured of each period, s.</summary>
    public int MeasuredSeconds => PeriodSeconds - WarmUpSeconds;

    /// <summary>How long all of it takes, s.</summary>
    public int Seconds => Periods * PeriodSeconds;

    /// <summary>True for each period that is on; each two form a pair.</summary>
    public IReadOnlyList<bool> Order()
    {
        var random = new Random(Seed);
        var order = new bool[Periods];
        for (var i = 0; i + 1 < Periods; i += 2)
        {
            order[i] = random.Next(2) == 0;
            order[i + 1] = !order[i];
        }

        return order;
    }

    /// <summary>What is wrong with it, one part of a sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (Periods is < MinPeriods or > MaxPeriods || Periods % 2 != 0)
        {
            problems.Add($"periods={Periods} must be even, {MinPeriods} to {MaxPeriods}: half of them are on");
        }

        if (PeriodSeconds is < MinPeriodSeconds or > MaxPeriodSeconds)
        {
            problems.Add($"period_seconds={PeriodSeconds} is outside {MinPeriodSeconds} to {MaxPeriodSeconds}");
        }

        if (problems.Count == 0 && Seconds > MaxSeconds)
        {
            problems.Add($"periods × period_seconds is {Seconds} s, and an experiment may take {MaxSeconds} s at most");
        }

        return problems;
    }
}
