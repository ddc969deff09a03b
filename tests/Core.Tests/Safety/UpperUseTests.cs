using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Safety;

public sealed class UpperUseTests
{
    private const ulong Second = 1_000_000_000;
    private readonly UpperUse _use = new();

    [Fact]
    public void Two_looks_that_are_far_enough_apart_give_a_share()
    {
        Note(100, high: 0, urgent: 0);
        Note(101, high: 1, urgent: 1);
        Assert.Null(_use.Percent);
        Note(104, high: 2, urgent: 2);
        Assert.Equal(25, _use.Percent!.Value, 3); // 4 s of 4 × 4
    }

    [Fact]
    public void What_is_long_ago_does_not_count()
    {
        Note(100, high: 0, urgent: 0);
        for (var second = 101ul; second <= 130; second++)
        {
            Note(second, high: Math.Min(40, 4 * (second - 100)), urgent: 0);
        }

        Assert.Equal(0, _use.Percent!.Value, 3);
    }

    [Fact]
    public void After_a_pause_nothing_is_known()
    {
        Note(100, high: 0, urgent: 0);
        Note(1000, high: 300, urgent: 0);
        Assert.Null(_use.Percent);
    }

    [Fact]
    public void Another_scheduler_counts_from_zero()
    {
        Note(100, high: 50, urgent: 0);
        Note(103, high: 1, urgent: 0);
        Assert.Null(_use.Percent);
        Note(106, high: 7, urgent: 0);
        Assert.Equal(50, _use.Percent!.Value, 3);
    }

    private void Note(ulong second, ulong high, ulong urgent) => _use.Note(
        new Dictionary<string, ClassUse> { ["high"] = new((long)(high * Second), 0, 0), ["latency_critical"] = new((long)(urgent * Second), 0, 0) },
        cpus: 4, second * Second);
}
