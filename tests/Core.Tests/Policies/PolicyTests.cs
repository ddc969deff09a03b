using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Policies;

public sealed class PolicyTests
{
    private static readonly DispatchContext s_context = new() { NowNs = 1000, SliceMaxNs = 20_000_000, SliceMinNs = 1_000_000, Cpus = 2 };

    public static TheoryData<string> Names => [.. PolicyNames.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_notice_is_answered_exactly_once(string name) =>
        Gen.Select(Gen.ULong[1, 1_000_000], Gen.ULong[1, 1_000_000], Gen.UInt[1, 4]).Array[0, 200].Sample(notices =>
        {
            using var rig = new PolicyRig(name);
            for (int i = 0; i < notices.Length; i++)
            {
                rig.Enqueue(Notice(i, notices[i].Item1, notices[i].Item2, (SchedulingClass)notices[i].Item3));
            }
            Assert.Equal(notices.Length, rig.Policy.Count);
            List<PolicyRig.Decision> decisions = rig.Drain();
            Assert.Equal(Enumerable.Range(0, notices.Length), decisions.Select(d => d.Ticket).Order());
            Assert.All(decisions, d => Assert.InRange(d.SliceNs, rig.Context.SliceMinNs, rig.Context.SliceMaxNs));
            Assert.All(decisions, d => Assert.Equal(Verdict.AnyCpu, d.Cpu));
            Assert.Equal(0, rig.Policy.Count);
        });

    [Fact]
    public void Deadline_gives_the_kernels_own_order()
    {
        using var rig = new PolicyRig(PolicyNames.Deadline);
        rig.Enqueue(Notice(1, vtime: 300, parked: 1));
        rig.Enqueue(Notice(2, vtime: 100, parked: 2));
        rig.Enqueue(Notice(3, vtime: 200, parked: 3));
        Assert.Equal([2, 3, 1], rig.Drain().Select(v => v.Pid));
    }

    [Fact]
    public void Vtime_does_not_care_for_the_length_of_bursts()
    {
        using var rig = new PolicyRig(PolicyNames.Vtime);
        rig.Enqueue(Notice(1, vtime: 6_000_100, parked: 1) with { RunNs = 6_000_000, BurstNs = 6_000_000 });
        rig.Enqueue(Notice(2, vtime: 200, parked: 2));
        rig.Enqueue(Notice(3, vtime: 20_000_050, parked: 3) with { RunNs = 1_000_000_000, BurstNs = 20_000_000 });
        Assert.Equal([3, 1, 2], rig.Drain().Select(v => v.Pid));
    }

    [Fact]
    public void Fifo_gives_the_order_of_arrival_in_keys_that_never_fall()
    {
        using var rig = new PolicyRig(PolicyNames.Fifo);
        rig.Enqueue(Notice(1, vtime: 300, parked: 10));
        rig.Enqueue(Notice(2, vtime: 100, parked: 20));
        List<PolicyRig.Decision> verdicts = rig.Drain();
        rig.Enqueue(Notice(3, vtime: 1, parked: 30));
        verdicts.AddRange(rig.Drain());
        Assert.Equal([1, 2, 3], verdicts.Select(v => v.Pid));
        Assert.Equal(verdicts.Select(v => v.Vtime).Order(), verdicts.Select(v => v.Vtime));
        Assert.Equal(3, verdicts.Select(v => v.Vtime).Distinct().Count());
    }

    [Fact]
    public void Fifo_lets_a_high_task_before_and_a_low_one_after_those_that_came_at_the_same_time()
    {
        using var rig = new PolicyRig(PolicyNames.Fifo);
        rig.Enqueue(Notice(1, vtime: 0, parked: 100_000_000, SchedulingClass.Low));
        rig.Enqueue(Notice(2, vtime: 0, parked: 100_000_001));
        rig.Enqueue(Notice(3, vtime: 0, parked: 100_000_002, SchedulingClass.High));
        Assert.Equal([3, 2, 1], rig.Drain().Select(v => v.Pid));
    }

    [Theory]
    [InlineData(0, 20_000_000)]
    [InlineData(2, 10_000_000)]
    [InlineData(8, 4_000_000)]
    [InlineData(1000, 1_000_000)]
    public void The_longest_slice_is_shared_among_those_who_wait_for_a_cpu(int waiting, ulong expected) =>
        Assert.Equal(expected, s_context.SliceFor(new Notice { Weight = 100 }, waiting));

    [Theory]
    [InlineData(10_000, 20_000_000)]
    [InlineData(100, 20_000_000)]
    [InlineData(33, 6_600_000)]
    [InlineData(1, 1_000_000)]
    public void Who_is_nice_runs_for_a_shorter_time_at_once(uint weight, ulong expected) =>
        Assert.Equal(expected, s_context.SliceFor(new Notice { Weight = weight }, waiting: 0));

    [Fact]
    public void A_directives_slice_is_given_as_it_is() =>
        Assert.Equal(123_000UL, s_context.SliceFor(new Notice { SliceNs = 123_000 }, 1000));

    [Fact]
    public void A_task_that_was_parked_a_moment_after_the_clock_was_read_has_not_waited() =>
        Assert.Equal((0UL, 400UL), (s_context.WaitNs(new Notice { ParkedNs = 1001 }), s_context.WaitNs(new Notice { ParkedNs = 600 })));

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Asking_for_what_is_not_there_is_an_error_and_no_crash(int number)
    {
        DispatchContext context = s_context with { CpuIds = 2, Tickets = 2 };
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Cpu(number));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.NoticeOf(number).Pid);
    }

    [Theory]
    [InlineData(1u, 0u, true, false, SchedulingClass.Unset)]
    [InlineData(1u, 3u, false, false, SchedulingClass.Normal)]
    [InlineData(1u, 6u, false, true, SchedulingClass.Unset)]
    [InlineData(2u, 0u, false, false, SchedulingClass.Unset)]
    public void A_cpu_is_free_busy_with_a_class_or_busy_with_the_system(uint online, uint running, bool free, bool system, SchedulingClass schedulingClass)
    {
        var cpu = new CpuActivity(new CpuState { Online = online, RunningClass = running, RunningPid = 7, RunningSinceNs = 9, Llc = 3 });
        Assert.Equal((free, system, schedulingClass), (cpu.IsFree, cpu.RunsSystem, cpu.RunningClass));
        Assert.Equal((7, 9UL, 3), (cpu.RunningPid, cpu.RunningSinceNs, cpu.Llc));
    }

    private static Notice Notice(int pid, ulong vtime, ulong parked, SchedulingClass schedulingClass = SchedulingClass.Normal) => new()
    {
        Pid = pid,
        Generation = (ulong)pid + 7,
        StartTimeNs = (ulong)pid + 9,
        Vtime = vtime,
        ParkedNs = parked,
        Class = schedulingClass,
    };
}
