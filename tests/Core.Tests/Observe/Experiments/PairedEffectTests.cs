using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Experiments;
using Xunit;

namespace Coxswain.Core.Tests.Observe.Experiments;

public sealed class PairedEffectTests
{
    [Fact]
    public void Each_pair_has_one_period_on_and_one_off_in_an_order_that_the_seed_decides()
    {
        var design = new ExperimentDesign { Measure = ObservedMeasure.WaitP99, Periods = 40, Seed = 7 };
        var order = design.Order();
        Assert.All(order.Chunk(2), pair => Assert.NotEqual(pair[0], pair[1]));
        Assert.InRange(order.Chunk(2).Count(pair => pair[0]), 5, 15);
        Assert.Equal(order, design.Order());
        Assert.NotEqual(order, (design with { Seed = 8 }).Order());
    }

    [Fact]
    public void The_warm_up_is_at_least_the_second_in_which_it_was_switched()
    {
        Assert.Equal((1, 3), Split(4));
        Assert.Equal((12, 48), Split(60));

        static (int, int) Split(int seconds)
        {
            var design = new ExperimentDesign { Measure = ObservedMeasure.Cpu, PeriodSeconds = seconds };
            return (design.WarmUpSeconds, design.MeasuredSeconds);
        }
    }

    [Theory]
    [InlineData(11, 4, "periods=11 must be even")]
    [InlineData(10, 4, "12 to 60")]
    [InlineData(62, 4, "12 to 60")]
    [InlineData(12, 2, "period_seconds=2 is outside 3 to 60")]
    [InlineData(12, 61, "period_seconds=61 is outside 3 to 60")]
    [InlineData(60, 31, "is 1860 s, and an experiment may take 1800 s at most")]
    public void Designs_beyond_the_bounds_are_named(int periods, int seconds, string problem) =>
        Assert.Contains(problem, Assert.Single(new ExperimentDesign { Measure = ObservedMeasure.Cpu, Periods = periods, PeriodSeconds = seconds }.Problems()), StringComparison.Ordinal);

    [Fact]
    public void Of_six_pairs_on_one_side_the_exact_probability_is_one_in_32_and_the_interval_spans_them()
    {
        double[] differences = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        Assert.Equal(2.0 / 64, PairedTest.P(differences, 0), 12);
        Assert.Equal((0.1, 0.6), PairedTest.Interval(differences, 0, 0.05));
        Assert.Equal(1, PairedTest.P([0.1, -0.1, 0.2, -0.2, 0.3, -0.3], 0));
    }

    [Fact]
    public void The_interval_holds_the_truth_as_often_as_it_says()
    {
        var random = new Random(3);
        var held = Enumerable.Range(0, 400).Count(_ =>
        {
            var (low, high) = PairedTest.Interval([.. Enumerable.Range(0, 8).Select(_ => 0.3 + random.NextDouble() - random.NextDouble())], 0, 0.05);
            return low <= 0.3 && 0.3 <= high;
        });
        Assert.InRange(held, 370, 395);
    }

    [Fact]
    public void With_many_pairs_cases_are_drawn_the_same_for_the_same_seed()
    {
        var random = new Random(1);
        List<double> differences = [.. Enumerable.Range(0, 30).Select(_ => random.NextDouble() - 0.45)];
        Assert.Equal(PairedTest.P(differences, 5), PairedTest.P(differences, 5));
        Assert.Equal(PairedTest.P(differences, 5), PairedTest.P(differences, 6), 0.02);
        var (low, high) = PairedTest.Interval(differences, 5, 0.05);
        Assert.InRange(differences.Average(), low, high);
        // As the normal interval, which fits 30 of them well.
        Assert.Equal(0.2, high - low, 0.1);
    }

    [Theory]
    [InlineData(100, 50, ComparisonVerdict.Better)]
    [InlineData(50, 100, ComparisonVerdict.Worse)]
    [InlineData(100, 100, ComparisonVerdict.NoClearDifference)]
    [InlineData(100, 103, ComparisonVerdict.NoClearDifference)]
    public void Less_waiting_is_better(int offUs, int onUs, ComparisonVerdict verdict)
    {
        var effect = PairedEffect.Of(Periods(12, offUs, onUs), 0, ObservedMeasure.WaitMean, 1);
        Assert.Equal((verdict, 6, false), (effect.Verdict, effect.Pairs, effect.TooFewSamples));
        Assert.Equal(Math.Sign(offUs - onUs), Math.Sign(Math.Round(effect.Gain, 2)));
        Assert.InRange(effect.Difference!.Value, effect.DifferenceLow!.Value, effect.DifferenceHigh!.Value);
    }

    [Fact]
    public void What_drifts_is_no_difference()
    {
        // Twice as slow at the end as at the beginning, whether on or off.
        List<ExperimentPeriod> periods = [.. Enumerable.Range(0, 20).Select(i => Period(i % 4 is 0 or 3, 100 + 5 * i, 0))];
        Assert.Equal(ComparisonVerdict.NoClearDifference, PairedEffect.Of(periods, 0, ObservedMeasure.WaitMean, 1).Verdict);
    }

    [Fact]
    public void Too_few_pairs_or_waits_are_said_and_nothing_is_guessed()
    {
        var few = PairedEffect.Of(Periods(10, 100, 10), 0, ObservedMeasure.WaitMean, 1);
        Assert.Equal((true, null, ComparisonVerdict.NoClearDifference), (few.TooFewSamples, few.Difference, few.Verdict));
        Assert.True(PairedEffect.Of(Periods(12, 100, 10, waits: 10), 0, ObservedMeasure.WaitMean, 1).TooFewSamples);
        List<ExperimentPeriod> idle = [.. Periods(12, 100, 10).Select((period, i) => i == 3 ? period with { Groups = [new ExperimentSample(new ObservedMetrics(), 1)] } : period)];
        Assert.Equal((5, true), (PairedEffect.Of(idle, 0, ObservedMeasure.WaitMean, 1).Pairs, PairedEffect.Of(idle, 0, ObservedMeasure.WaitMean, 1).TooFewSamples));
    }

    private static List<ExperimentPeriod> Periods(int count, int offUs, int onUs, int waits = 100) =>
        [.. Enumerable.Range(0, count).Select(i => Period(i % 4 is 0 or 3, i % 4 is 0 or 3 ? onUs : offUs, i % 3, waits))];

    private static ExperimentPeriod Period(bool isOn, int waitUs, int noiseUs, int waits = 100)
    {
        var metrics = new ObservedMetrics { Waits = waits, WaitNs = (waitUs + noiseUs) * 1000L * waits, RunNs = 1_000_000 };
        return new ExperimentPeriod(isOn, [new ExperimentSample(metrics, 3_000_000_000)]);
    }
}
