using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public sealed class ComparisonTests
{
    [Fact]
    public void Half_the_waiting_is_better_and_twice_of_it_worse()
    {
        var random = new Random(1);
        var result = Comparison.Of(Seconds(random, 20, 1000), Seconds(random, 20, 500), ObservedMeasure.WaitP99);
        Assert.Equal(ComparisonVerdict.Better, result.Verdict);
        Assert.Equal(-0.5, result.Difference!.Value, 0.25);
        Assert.InRange(result.Difference.Value, result.DifferenceLow!.Value, result.DifferenceHigh!.Value);
        Assert.True(result.Confidence > 0.95);
        Assert.Equal(ComparisonVerdict.Worse, Comparison.Of(Seconds(random, 20, 500), Seconds(random, 20, 1000), ObservedMeasure.WaitP99).Verdict);
    }

    [Fact]
    public void More_CPU_is_better()
    {
        var random = new Random(2);
        Assert.Equal(ComparisonVerdict.Better, Comparison.Of(Seconds(random, 20, 100, runs: 100), Seconds(random, 20, 100, runs: 200), ObservedMeasure.Cpu).Verdict);
    }

    [Fact]
    public void Of_equal_ones_hardly_any_differ()
    {
        var verdicts = Enumerable.Range(0, 40).Select(seed =>
        {
            var random = new Random(seed);
            return Comparison.Of(Seconds(random, 20, 1000), Seconds(random, 20, 1000), ObservedMeasure.WaitP99).Verdict;
        }).ToList();
        Assert.InRange(verdicts.Count(verdict => verdict != ComparisonVerdict.NoClearDifference), 0, 2);
    }

    [Fact]
    public void A_difference_that_does_not_matter_is_none()
    {
        var random = new Random(4);
        var result = Comparison.Of(Seconds(random, 100, 1000, runs: 1000), Seconds(random, 100, 1010, runs: 1000), ObservedMeasure.WaitMean);
        Assert.Equal(ComparisonVerdict.NoClearDifference, result.Verdict);
        Assert.False(result.TooFewSamples);
    }

    [Theory]
    [InlineData(7, 100)]
    [InlineData(20, 2)]
    public void Too_few_samples_are_said_and_never_guessed_from(int seconds, int waitsPerSecond)
    {
        var random = new Random(5);
        var result = Comparison.Of(Seconds(random, 20, 1000), Seconds(random, seconds, 10, waitsPerSecond), ObservedMeasure.WaitP99);
        Assert.True(result.TooFewSamples);
        Assert.Equal((ComparisonVerdict.NoClearDifference, null), (result.Verdict, result.Difference));
    }

    [Fact]
    public void A_workload_that_did_not_run_is_too_few_samples()
    {
        List<ObservedSecond> empty = [.. Enumerable.Range(1, 20).Select(number => new ObservedSecond((uint)number, 1_000_000_000, new ObservedMetrics()))];
        Assert.True(Comparison.Of(Seconds(new Random(6), 20, 1000), empty, ObservedMeasure.WaitP99).TooFewSamples);
        Assert.True(Comparison.Of(empty, [], ObservedMeasure.WaitP50).TooFewSamples);
    }

    [Fact]
    public void Ranks_that_are_all_mixed_are_likely_and_all_apart_are_not()
    {
        Assert.Equal(1, RankTest.P([1, 1, 1, 1], [1, 1, 1, 1]));
        Assert.InRange(RankTest.P([1, 3, 5, 7, 9, 11], [2, 4, 6, 8, 10, 12]), 0.6, 1);
        // Two-sided with continuity correction, as any statistics program has it: 0.00507.
        Assert.Equal(0.00507, RankTest.P([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]), 4);
    }

    // Waits with a long tail around a median, whose scale changes from second to second as it does on a real machine.
    private static List<ObservedSecond> Seconds(Random random, int count, double medianUs, int runs = 100)
    {
        var seconds = new List<ObservedSecond>();
        for (var i = 0; i < count; i++)
        {
            var metrics = new ObservedMetrics { Waits = runs, RunNs = runs * 1_000_000L };
            var scale = medianUs * Math.Exp(0.2 * Normal(random));
            for (var n = 0; n < runs; n++)
            {
                var ns = (long)(1000 * scale * Math.Exp(0.5 * Normal(random)));
                metrics.WaitNs += ns;
                metrics.LongestWaitNs = Math.Max(metrics.LongestWaitNs, ns);
                metrics.AddBucket(WaitBuckets.Of((ulong)ns), 1);
            }

            seconds.Add(new ObservedSecond((uint)i + 1, 1_000_000_000, metrics));
        }

        return seconds;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
