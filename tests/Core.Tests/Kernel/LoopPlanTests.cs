using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class LoopPlanTests
{
    private const uint RingBytes = 1 << 20;
    private const int NoticeBytes = 104 + 8;

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(1, 64, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(2, 64, 2)]
    [InlineData(12, 16, 12)]
    [InlineData(64, 16, 16)]
    public void There_is_a_loop_for_each_LLC_and_at_most_sixteen(int llcs, int cpusEach, int loops) =>
        Assert.Equal(loops, Plan(llcs, cpusEach).Count);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(8, 4)]
    public void LLCs_of_one_CPU_share_loops_with_their_neighbours(int llcs, int loops)
    {
        LoopPlan plan = Plan(llcs, 1);

        Assert.Equal(loops, plan.Count);
        Assert.All(Enumerable.Range(0, loops), loop => Assert.Equal(2, plan.CpusOf(loop).Count));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(16, 8)]
    public void As_many_as_are_wanted_but_no_more_than_LLCs(int wanted, int loops) =>
        Assert.Equal(loops, Plan(8, 1, wanted).Count);

    [Fact]
    public void Every_LLC_has_one_loop_and_neighbours_share_it()
    {
        LoopPlan plan = Plan(40, 4);

        Assert.Equal(Enumerable.Range(0, 40), Enumerable.Range(0, plan.Count).SelectMany(plan.LlcsOf));
        Assert.All(Enumerable.Range(0, 40), llc => Assert.Contains(llc, plan.LlcsOf(plan.OfLlc(llc))));
        Assert.All(Enumerable.Range(0, plan.Count), loop => Assert.InRange(plan.LlcsOf(loop).Count, 2, 3));
        Assert.Equal(Enumerable.Range(0, 160), Enumerable.Range(0, plan.Count).SelectMany(plan.CpusOf));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void More_tasks_may_wait_with_a_loop_than_its_ring_holds(int loops)
    {
        LoopPlan plan = Plan(loops, 8);

        Assert.True(System.Numerics.BitOperations.IsPow2(plan.RingBytes));
        Assert.InRange(plan.Capacity, (int)(plan.RingBytes / NoticeBytes), PolicyNames.Capacity);
    }

    [Fact]
    public void A_small_ring_stays_as_small_as_was_asked_for() =>
        Assert.Equal(4096u, new LoopPlan(Llcs(16, 8), 0, 4096).RingBytes);

    private static LoopPlan Plan(int llcs, int cpusEach, int wanted = 0) => new(Llcs(llcs, cpusEach), wanted, RingBytes);

    private static CpuTopology.Llc[] Llcs(int llcs, int cpusEach) =>
        [.. Enumerable.Range(0, llcs).Select(llc => new CpuTopology.Llc([.. Enumerable.Range(llc * cpusEach, cpusEach)], llc))];
}
