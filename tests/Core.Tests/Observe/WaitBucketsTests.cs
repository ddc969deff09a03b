using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public sealed class WaitBucketsTests
{
    [Fact]
    public void The_middle_of_a_bucket_is_within_six_percent_of_whatever_is_in_it()
    {
        var random = new Random(7);
        for (var i = 0; i < 100_000; i++)
        {
            var ns = (ulong)(512 * Math.Pow(2, random.NextDouble() * 23.9));
            Assert.InRange(WaitBuckets.MiddleNs(WaitBuckets.Of(ns)) / ns, 0.941, 1.06);
        }
    }

    [Fact]
    public void Every_time_has_a_bucket_and_longer_ones_never_a_lower_one()
    {
        Assert.Equal(0, WaitBuckets.Of(0));
        Assert.Equal(0, WaitBuckets.Of(511));
        Assert.Equal(WaitBuckets.Count - 1, WaitBuckets.Of(ulong.MaxValue));
        var last = 0;
        for (ulong ns = 1; ns < 1UL << 62; ns += 1 + ns / 50)
        {
            var bucket = WaitBuckets.Of(ns);
            Assert.InRange(bucket, last, WaitBuckets.Count - 1);
            last = bucket;
        }
    }

    [Fact]
    public void Percentiles_are_those_of_the_waits_that_were_counted()
    {
        var metrics = new ObservedMetrics();
        Assert.Null(metrics.WaitPercentileNs(0.5));
        for (ulong us = 1; us <= 10_000; us++)
        {
            metrics.AddBucket(WaitBuckets.Of(us * 1000), 1);
        }

        metrics.LongestWaitNs = 10_000_000;
        Assert.Equal(5_000_000, metrics.WaitPercentileNs(0.5)!.Value, 0.06 * 5_000_000);
        Assert.Equal(9_000_000, metrics.WaitPercentileNs(0.9)!.Value, 0.06 * 9_000_000);
        Assert.Equal(9_990_000, metrics.WaitPercentileNs(0.999)!.Value, 0.06 * 9_990_000);
        Assert.True(metrics.WaitPercentileNs(1) <= metrics.LongestWaitNs);
    }
}
