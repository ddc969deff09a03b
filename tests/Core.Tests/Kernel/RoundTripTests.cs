using Coxswain.Core.Kernel;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class RoundTripTests
{
    [Fact]
    public void Nothing_measured_is_said_to_be_nothing() => Assert.Null(RoundTrip.From(new ulong[96]));

    [Fact]
    public void Percentiles_are_the_upper_bounds_of_their_buckets()
    {
        ulong[] buckets = new ulong[96];
        buckets[0] = 98; // 1 to 1.25 us
        buckets[8] = 1; // 4 to 5 us
        buckets[9] = 1; // 5 to 6 us
        RoundTrip result = RoundTrip.From(buckets)!;
        Assert.Equal(new RoundTrip(100, 1.25, 1.25, 5, 6), result);
    }
}
