using Coxswain.Core.Dispatch;
using Coxswain.Core.Policies;
using Xunit;

namespace Coxswain.Core.Tests.Dispatch;

public sealed class DispatchLoopTests
{
    [Fact]
    public void Every_notice_gets_one_verdict_in_the_order_of_the_policy()
    {
        using var port = new FakePort(1000) { AppliedPids = [] };
        using var policy = new VtimePolicy(1000);
        port.Fill(1000);
        int read = new DispatchLoop<FakePort, VtimePolicy>(port, policy).RunOnce();
        Assert.Equal(1000, read);
        Assert.Equal(Enumerable.Range(0, 1000).OrderBy(i => i * 7919L % 10007), port.AppliedPids);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(1000, 4)]
    public void There_is_one_system_call_per_full_batch(int notices, int batches)
    {
        using var port = new FakePort(1000);
        using var policy = new FifoPolicy(1000);
        port.Fill(notices);
        new DispatchLoop<FakePort, FifoPolicy>(port, policy).RunOnce();
        Assert.Equal(batches, port.Batches);
    }

    [Fact]
    public void The_heartbeat_carries_the_time_from_before_the_ring_was_read()
    {
        using var port = new FakePort(1) { NowNs = 4711 };
        using var policy = new FifoPolicy(1);
        new DispatchLoop<FakePort, FifoPolicy>(port, policy).RunOnce();
        Assert.Equal(4711UL, port.ReadUntilNs);
    }

    [Fact]
    public void More_tasks_than_the_policy_holds_are_left_to_the_kernel_and_hurt_nobody()
    {
        using var port = new FakePort(100);
        using var policy = new VtimePolicy(10);
        port.Fill(100);
        new DispatchLoop<FakePort, VtimePolicy>(port, policy).RunOnce();
        Assert.Equal(10, port.Applied);
    }

    [Fact]
    public void A_million_verdicts_allocate_nothing()
    {
        using var port = new FakePort(1000);
        using var policy = new VtimePolicy(1000);
        var loop = new DispatchLoop<FakePort, VtimePolicy>(port, policy);
        port.Fill(1000);
        loop.RunOnce();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            port.Fill(1000);
            loop.RunOnce();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1_001_000, port.Applied);
    }
}
