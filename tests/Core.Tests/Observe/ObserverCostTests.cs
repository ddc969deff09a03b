using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public class ObserverCostTests
{
    [Fact]
    public void One_pair_that_was_disturbed_changes_nothing()
    {
        (double, double)[] pairs = [.. Enumerable.Range(0, 15).Select(i => (1100.0 + i, 1000.0)), (9000, 1000)];

        var cost = ObserverCost.Of(pairs, 400_000, 231);

        Assert.Equal(1.1075, cost.Ratio, 4);
        Assert.InRange(cost.RatioLow, 1.1, cost.Ratio);
        Assert.InRange(cost.RatioHigh, cost.Ratio, 1.115);
        Assert.Equal((107.5, 1000.0, 16), (cost.NsPerSwitch, cost.SwitchNs, cost.Pairs));
        Assert.Equal((400_000, 231), (cost.RollUpNs, cost.Threads));
    }

    [Fact]
    public void A_few_pairs_tell_no_more_than_their_range()
    {
        var cost = ObserverCost.Of([(12, 10), (10, 10), (11, 10)], 1, 1);
        Assert.Equal((1.1, 1.0, 1.2), (cost.Ratio, cost.RatioLow, cost.RatioHigh));
    }

    [Fact]
    public void Two_threads_hand_a_byte_to_each_other_and_their_CPU_time_is_told()
    {
        using var game = new PingPong();
        // A switch takes neither nothing nor a millisecond.
        Assert.InRange(game.Run(500), 100, 1_000_000);
        Assert.InRange(game.Run(1), 100, 10_000_000);
    }

    [Fact]
    public void On_this_machine_it_is_measured_or_it_is_said_why_not()
    {
        ObserverCost cost;
        try
        {
            cost = ObserverCostMeter.Measure();
        }
        catch (ObserverUnavailableException exception)
        {
            Assert.Matches("EPERM|no type information|An observer is on already", exception.Message);
            return;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(cost.ToString());
        Assert.Equal(ObserverCostMeter.Pairs, cost.Pairs);
        // Other tests run beside it: only what cannot be is excluded.
        Assert.InRange(cost.Ratio, 0.3, 5);
        Assert.InRange(cost.Ratio, cost.RatioLow, cost.RatioHigh);
        Assert.InRange(cost.SwitchNs, 100, 1_000_000);
        Assert.InRange(cost.RollUpNs, 1000, 1_000_000_000);
        Assert.InRange(cost.Threads, 1, 100_000);
    }
}
