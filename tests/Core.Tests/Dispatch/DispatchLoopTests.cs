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
        using var loop = new DispatchLoop<FakePort, VtimePolicy>(port, policy);
        int read = loop.RunOnce();
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
        using var loop = new DispatchLoop<FakePort, FifoPolicy>(port, policy);
        loop.RunOnce();
        Assert.Equal(batches, port.Batches);
    }

    [Fact]
    public void The_heartbeat_carries_the_time_from_before_the_ring_was_read()
    {
        using var port = new FakePort(1) { NowNs = 4711 };
        using var policy = new FifoPolicy(1);
        using var loop = new DispatchLoop<FakePort, FifoPolicy>(port, policy);
        loop.RunOnce();
        Assert.Equal(4711UL, port.ReadUntilNs);
    }

    [Fact]
    public void More_tasks_than_the_policy_holds_are_left_to_the_kernel_and_hurt_nobody()
    {
        using var port = new FakePort(100);
        using var policy = new VtimePolicy(10);
        port.Fill(100);
        using var loop = new DispatchLoop<FakePort, VtimePolicy>(port, policy);
        loop.RunOnce();
        Assert.Equal(10, port.Applied);
    }

    [Fact]
    public void A_million_verdicts_allocate_nothing()
    {
        using var port = new FakePort(1000);
        using var policy = new VtimePolicy(1000);
        using var loop = new DispatchLoop<FakePort, VtimePolicy>(port, policy);
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

    [Fact]
    public void More_tasks_than_there_are_tickets_are_left_to_the_kernel_and_hurt_nobody()
    {
        using var port = new FakePort(100);
        using var policy = new VtimePolicy(100);
        using var loop = new DispatchLoop<FakePort, VtimePolicy>(port, policy, capacity: 10);
        port.Fill(100);
        Assert.Equal(100, loop.RunOnce());
        Assert.Equal(10, port.Applied);
    }

    [Theory]
    [InlineData(Fault.Miscounts, "says that")]
    [InlineData(Fault.Repeats, "repeated a task")]
    [InlineData(Fault.MakesUp, "ticket 123456, which does not wait")]
    [InlineData(Fault.MakesUpNegative, "ticket -1, which does not wait")]
    [InlineData(Fault.CpuTooLarge, "picked CPU 2; allowed are -1 (any) and 0 to 1")]
    [InlineData(Fault.CpuNegative, "picked CPU -2")]
    [InlineData(Fault.SliceZero, "slice of 0 ns; allowed are 100000 to 100000000")]
    [InlineData(Fault.SliceEndless, "slice of 18446744073709551615 ns")]
    public void A_policy_that_breaks_the_rules_is_found_out_in_the_same_round(Fault fault, string said)
    {
        using var port = new FakePort(10);
        port.Fill(10);
        using var loop = new DispatchLoop<FakePort, FaultyPolicy>(port, new FaultyPolicy(fault));
        PolicyFailedException e = Assert.Throws<PolicyFailedException>(() => loop.RunOnce());
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_loses_one_task_among_many_is_found_out_within_a_second()
    {
        using var port = new FakePort(10);
        using var loop = new DispatchLoop<FakePort, FaultyPolicy>(port, new FaultyPolicy(Fault.Loses));
        port.Fill(10);
        loop.RunOnce();
        for (int round = 0; round < 100; round++)
        {
            port.NowNs += 10_000_000;
            port.Fill(1, firstPid: 10);
            loop.RunOnce();
        }
        port.NowNs += 10_000_000;
        PolicyFailedException e = Assert.Throws<PolicyFailedException>(() => loop.RunOnce());
        Assert.Contains("kept task 3 for more than a second", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pause_of_the_whole_process_is_not_the_policys_fault()
    {
        using var port = new FakePort(10);
        using var loop = new DispatchLoop<FakePort, FaultyPolicy>(port, new FaultyPolicy(Fault.Loses));
        port.Fill(10);
        loop.RunOnce();
        port.NowNs += 12_000_000_000;
        loop.RunOnce();
    }

    [Fact]
    public void A_policy_that_repeats_a_task_for_ever_cannot_hold_the_loop()
    {
        using var port = new FakePort(10);
        using var loop = new DispatchLoop<FakePort, FaultyPolicy>(port, new FaultyPolicy(Fault.RepeatsForEver));
        port.Fill(10);
        Assert.Throws<PolicyFailedException>(() => loop.RunOnce());
    }

    [Fact]
    public void A_policy_of_three_members_gives_any_cpu_a_shared_slice_and_the_kernels_place()
    {
        using var port = new FakePort(3) { AppliedVerdicts = [] };
        using var loop = new DispatchLoop<FakePort, PlainPolicy>(port, new PlainPolicy());
        port.Fill(3);
        loop.RunOnce();
        Assert.All(port.AppliedVerdicts, v => Assert.Equal(Verdict.AnyCpu, v.Cpu));
        Assert.Equal([10_000_000UL, 10_000_000UL, 20_000_000UL], port.AppliedVerdicts.Select(v => v.SliceNs));
        Assert.Equal([0UL, 7919UL, 5831UL], port.AppliedVerdicts.Select(v => v.Vtime));
        Assert.All(port.AppliedVerdicts, v => Assert.Equal(((ulong)v.Pid + 7, (ulong)v.Pid + 9), (v.Generation, v.StartTimeNs)));
    }

    private sealed class PlainPolicy : IPolicy
    {
        private readonly Queue<int> _tickets = new();

        public int Count => _tickets.Count;

        public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
        {
            _tickets.Enqueue(ticket);
            return true;
        }

        public bool TryDequeue(in DispatchContext context, out int ticket) => _tickets.TryDequeue(out ticket);
    }
}
