using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
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

    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    public void A_policy_whose_books_do_not_balance_is_found_out(int error)
    {
        using var port = new FakePort(10);
        port.Fill(10);
        var loop = new DispatchLoop<FakePort, CheatingPolicy>(port, new CheatingPolicy { CountError = error });
        Assert.Throws<PolicyFailedException>(() => loop.RunOnce());
    }

    [Fact]
    public void A_policy_that_repeats_a_task_for_ever_cannot_hold_the_loop()
    {
        using var port = new FakePort(10);
        port.Fill(10);
        new DispatchLoop<FakePort, CheatingPolicy>(port, new CheatingPolicy { NeverEnds = true }).RunOnce();
        Assert.Equal(10, port.Applied);
    }

    private sealed class CheatingPolicy : IPolicy
    {
        private int _taken;

        public int CountError { get; init; }

        public bool NeverEnds { get; init; }

        public int Count => _taken + CountError;

        public bool Enqueue(in Notice notice, in DispatchContext context)
        {
            _taken++;
            return true;
        }

        public bool TryDequeue(in DispatchContext context, out Verdict verdict)
        {
            verdict = default;
            if (!NeverEnds)
            {
                return false;
            }
            _taken = Math.Max(0, _taken - 1);
            return true;
        }
    }
}
