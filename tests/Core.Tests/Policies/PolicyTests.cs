using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Policies;

public sealed class PolicyTests
{
    private static readonly DispatchContext s_context = new()
    {
        NowNs = 1_000_000_000,
        VtimeNow = 500_000_000,
        SliceMaxNs = 20_000_000,
        SliceMinNs = 1_000_000,
        Cpus = 2,
    };

    public static TheoryData<string> Names => [.. PolicyNames.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_notice_is_answered_exactly_once_with_its_own_identity(string name) =>
        Gen.Select(Gen.ULong[1, 1_000_000], Gen.ULong[1, 1_000_000], Gen.UInt[1, 4]).Array[0, 200].Sample(notices =>
        {
            IPolicy policy = Create(name);
            for (int i = 0; i < notices.Length; i++)
            {
                policy.Enqueue(Notice(i, notices[i].Item1, notices[i].Item2, (SchedulingClass)notices[i].Item3), s_context);
            }
            Assert.Equal(notices.Length, policy.Count);
            List<Verdict> verdicts = Drain(policy);
            Assert.Equal(Enumerable.Range(0, notices.Length), verdicts.Select(v => v.Pid).Order());
            Assert.All(verdicts, v => Assert.Equal(((ulong)v.Pid + 7, (ulong)v.Pid + 9), (v.Generation, v.StartTimeNs)));
            Assert.All(verdicts, v => Assert.InRange(v.SliceNs, s_context.SliceMinNs, s_context.SliceMaxNs));
            Assert.Equal(0, policy.Count);
        });

    [Fact]
    public void Deadline_gives_the_kernels_own_order()
    {
        IPolicy policy = Create(PolicyNames.Deadline);
        policy.Enqueue(Notice(1, vtime: 300, parked: 1), s_context);
        policy.Enqueue(Notice(2, vtime: 100, parked: 2), s_context);
        policy.Enqueue(Notice(3, vtime: 200, parked: 3), s_context);
        Assert.Equal([2, 3, 1], Drain(policy).Select(v => v.Pid));
    }

    [Fact]
    public void Vtime_does_not_care_for_the_length_of_bursts()
    {
        IPolicy policy = Create(PolicyNames.Vtime);
        policy.Enqueue(Notice(1, vtime: 6_000_100, parked: 1) with { RunNs = 6_000_000 }, s_context);
        policy.Enqueue(Notice(2, vtime: 200, parked: 2), s_context);
        policy.Enqueue(Notice(3, vtime: 20_000_050, parked: 3) with { RunNs = 1_000_000_000 }, s_context);
        Assert.Equal([3, 1, 2], Drain(policy).Select(v => v.Pid));
    }

    [Fact]
    public void Fifo_gives_the_order_of_arrival_in_keys_that_never_fall()
    {
        IPolicy policy = Create(PolicyNames.Fifo);
        policy.Enqueue(Notice(1, vtime: 300, parked: 10), s_context);
        policy.Enqueue(Notice(2, vtime: 100, parked: 20), s_context);
        List<Verdict> verdicts = Drain(policy);
        policy.Enqueue(Notice(3, vtime: 1, parked: 30), s_context);
        verdicts.AddRange(Drain(policy));
        Assert.Equal([1, 2, 3], verdicts.Select(v => v.Pid));
        Assert.Equal(verdicts.Select(v => v.Vtime).Order(), verdicts.Select(v => v.Vtime));
        Assert.Equal(3, verdicts.Select(v => v.Vtime).Distinct().Count());
    }

    [Fact]
    public void Fifo_lets_a_high_task_before_and_a_low_one_after_those_that_came_at_the_same_time()
    {
        IPolicy policy = Create(PolicyNames.Fifo);
        policy.Enqueue(Notice(1, vtime: 0, parked: 100_000_000, SchedulingClass.Low), s_context);
        policy.Enqueue(Notice(2, vtime: 0, parked: 100_000_001), s_context);
        policy.Enqueue(Notice(3, vtime: 0, parked: 100_000_002, SchedulingClass.High), s_context);
        Assert.Equal([3, 2, 1], Drain(policy).Select(v => v.Pid));
    }

    [Theory]
    [InlineData(0, 20_000_000)]
    [InlineData(2, 10_000_000)]
    [InlineData(8, 4_000_000)]
    [InlineData(1000, 1_000_000)]
    public void The_longest_slice_is_shared_among_those_who_wait_for_a_cpu(int waiting, ulong expected) =>
        Assert.Equal(expected, s_context.SliceFor(default, waiting));

    [Fact]
    public void A_directives_slice_is_given_as_it_is() =>
        Assert.Equal(123_000UL, s_context.SliceFor(new Notice { SliceNs = 123_000 }, 1000));

    private static IPolicy Create(string name) => name switch
    {
        PolicyNames.Fifo => new FifoPolicy(1024),
        PolicyNames.Vtime => new VtimePolicy(1024),
        PolicyNames.Deadline => new DeadlinePolicy(1024),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static Notice Notice(int pid, ulong vtime, ulong parked, SchedulingClass schedulingClass = SchedulingClass.Normal) => new()
    {
        Pid = pid,
        Generation = (ulong)pid + 7,
        StartTimeNs = (ulong)pid + 9,
        Vtime = vtime,
        ParkedNs = parked,
        Class = schedulingClass,
    };

    private static List<Verdict> Drain(IPolicy policy)
    {
        var verdicts = new List<Verdict>();
        while (policy.TryDequeue(s_context, out Verdict verdict))
        {
            verdicts.Add(verdict);
        }
        return verdicts;
    }
}
