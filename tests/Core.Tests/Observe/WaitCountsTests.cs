using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Wire;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public class WaitCountsTests
{
    private const int FirstMiddle = HistogramRecord.Third;
    private const int FirstLong = 2 * HistogramRecord.Third;

    private WaitCounts _counts;
    private HistogramRecord _histogram;

    [Fact]
    public void What_was_told_is_not_told_again()
    {
        Set(7, 3);
        Set(FirstMiddle + 9, 1);
        Set(FirstLong + 20, 2);
        Assert.Equal((6, "7:3 73:1 148:2"), Told());
        Assert.Equal((0, ""), Told());
        Set(FirstMiddle + 9, 6);
        Assert.Equal((5, "73:5"), Told());
    }

    [Fact]
    public void Buckets_that_fill_later_do_not_disturb_the_others()
    {
        Set(50, 2);
        Told();
        Set(0, 1);
        Set(50, 3);
        Set(WaitBuckets.Count - 1, 9);
        Assert.Equal((11, "0:1 50:1 191:9"), Told());
        Set(50, 4);
        Set(FirstMiddle, 1);
        Assert.Equal((2, "50:1 64:1"), Told());
    }

    [Theory]
    [InlineData(3, uint.MaxValue)]
    [InlineData(FirstMiddle, ushort.MaxValue)]
    [InlineData(FirstMiddle + HistogramRecord.Third - 1, ushort.MaxValue)]
    [InlineData(FirstLong, byte.MaxValue)]
    [InlineData(WaitBuckets.Count - 1, byte.MaxValue)]
    public void A_count_may_wrap_around_also_to_zero(int bucket, uint largest)
    {
        Set(bucket, largest);
        Told();
        Set(bucket, 0);
        Assert.Equal((1, $"{bucket}:1"), Told());
        Set(bucket, 4);
        Assert.Equal((4, $"{bucket}:4"), Told());
    }

    [Theory]
    [InlineData(FirstMiddle, ushort.MaxValue + 1L)]
    [InlineData(FirstLong, byte.MaxValue + 1L)]
    public void A_narrow_count_cannot_wrap_around_unseen_within_eight_seconds(int bucket, long values) =>
        Assert.InRange(values * WaitBuckets.LowNs(bucket), 8e9, double.MaxValue);

    private void Set(int bucket, uint count)
    {
        if (bucket < FirstMiddle)
        {
            _histogram.ShortWaits[bucket] = count;
        }
        else if (bucket < FirstLong)
        {
            _histogram.MiddleWaits[bucket - FirstMiddle] = checked((ushort)count);
        }
        else
        {
            _histogram.LongWaits[bucket - FirstLong] = checked((byte)count);
        }
    }

    private (long All, string Buckets) Told()
    {
        var metrics = new ObservedMetrics();
        var all = _counts.AddSince(in _histogram, metrics);
        return (all, string.Join(' ', Enumerable.Range(0, WaitBuckets.Count).Where(b => metrics.Buckets[b] > 0).Select(b => $"{b}:{metrics.Buckets[b]}")));
    }
}
