using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public class WaitCountsTests
{
    private readonly WaitCounts _counts = new();
    private readonly uint[] _buckets = new uint[WaitBuckets.Count];

    [Fact]
    public void What_was_told_is_not_told_again()
    {
        _buckets[7] = 3;
        _buckets[100] = 1;
        Assert.Equal((4, 3UL, 1UL), Told(7, 100));
        Assert.Equal((0, 0UL, 0UL), Told(7, 100));
        _buckets[100] = 6;
        Assert.Equal((5, 0UL, 5UL), Told(7, 100));
    }

    [Fact]
    public void Buckets_that_fill_later_do_not_disturb_the_others()
    {
        _buckets[50] = 2;
        Told(50, 0);
        _buckets[0] = 1;
        _buckets[50] = 3;
        _buckets[191] = 9;
        Assert.Equal((11, 1UL, 9UL), Told(0, 191));
        _buckets[50] = 4;
        Assert.Equal((1, 1UL, 0UL), Told(50, 0));
    }

    [Fact]
    public void A_count_may_wrap_around()
    {
        _buckets[3] = uint.MaxValue;
        _buckets[9] = 1;
        Told(3, 9);
        _buckets[3] = 0;
        _buckets[9] = 2;
        Assert.Equal((1, 0UL, 1UL), Told(3, 9));
        _buckets[3] = 4;
        Assert.Equal((5, 5UL, 0UL), Told(3, 9));
    }

    private (long All, ulong One, ulong Other) Told(int one, int other)
    {
        var metrics = new ObservedMetrics();
        var all = _counts.AddSince(_buckets, metrics);
        return (all, metrics.Buckets[one], metrics.Buckets[other]);
    }
}
