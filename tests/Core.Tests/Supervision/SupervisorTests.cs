using Coxswain.Core.Kernel;
using Coxswain.Core.Supervision;
using Xunit;

namespace Coxswain.Core.Tests.Supervision;

public sealed class SupervisorTests : IDisposable
{
    private const int Unregistered = 64;
    private const int UnregisteredByKernel = 66;
    private const int SysRq = 67;
    private const long RestartForHotplug = (1L << 48) | (1L << 32);

    private readonly SupervisorRig _rig = SupervisorRig.Started();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_scheduler_that_failed_is_started_again_after_a_pause()
    {
        _rig.Stall();
        Assert.False(_rig.Snapshot.Attached);
        Assert.Equal(_rig.Time.GetUtcNow() + TimeSpan.FromSeconds(1), _rig.Snapshot.RestartAt);

        _rig.Advance(0.9);
        Assert.Equal(1, _rig.Kernel.Starts);
        _rig.Advance(0.1);

        Assert.Equal(2, _rig.Kernel.Starts);
        Assert.True(_rig.Snapshot.Attached);
        Assert.Null(_rig.Snapshot.RestartAt);
        Assert.Equal(1, _rig.StartedAgainCount);
    }

    [Fact]
    public void Asked_for_before_its_end_was_noticed_it_is_started_all_the_same()
    {
        _rig.Kernel.Eject("disabled by sysrq-S", SysRq);
        _rig.Supervisor.Start();

        Assert.Equal((2, true), (_rig.Kernel.Starts, _rig.Snapshot.Attached));
        Assert.Equal(NextStep.StayOff, Assert.Single(_rig.Ends).Next);
        _rig.Advance(60);
        Assert.Equal((2, true), (_rig.Kernel.Starts, _rig.Snapshot.Attached));
    }

    [Fact]
    public void Record_and_dump_of_the_end_are_kept_after_it_runs_again()
    {
        _rig.Stall();
        _rig.Advance(1);

        var end = Assert.Single(_rig.Supervisor.Ends);
        Assert.Equal((1026, "runnable task stall", "the run queues"), (end.Exit!.Kind, end.Exit.Reason, end.Exit.Dump));
        Assert.Equal((NextStep.StartAgain, 1), (end.Next, end.Failures));
        Assert.Equal(end, Assert.Single(_rig.Ends));
    }

    [Fact]
    public void What_is_left_of_an_ended_scheduler_is_freed_before_the_next_is_started()
    {
        var stops = _rig.Kernel.Stops;
        _rig.Stall();
        Assert.Equal(stops + 1, _rig.Kernel.Stops);
    }

    [Fact]
    public void Each_pause_is_longer_than_the_one_before()
    {
        _rig.Stall();
        _rig.Advance(1);
        _rig.Stall();

        Assert.Equal(_rig.Time.GetUtcNow() + TimeSpan.FromSeconds(5), _rig.Snapshot.RestartAt);
        _rig.Advance(4.9);
        Assert.False(_rig.Snapshot.Attached);
        _rig.Advance(0.1);
        Assert.True(_rig.Snapshot.Attached);
    }

    [Fact]
    public void After_three_failures_within_the_window_it_stays_off_and_says_so()
    {
        for (var i = 0; i < 3; i++)
        {
            _rig.Stall();
            _rig.Advance(5);
        }

        _rig.Advance(3600);

        Assert.Equal(3, _rig.Kernel.Starts);
        Assert.Equal(NextStep.GiveUp, _rig.Ends[^1].Next);
        var snapshot = _rig.Snapshot;
        Assert.False(snapshot.Attached);
        Assert.Null(snapshot.RestartAt);
        Assert.Equal(
            "The kernel ended the scheduler: runnable task stall. That was failure 3 within 600 s, so that it is not tried any more. " +
            "The kernel's own scheduler runs. It stays off until it is started on request.",
            snapshot.Reason);
    }

    [Fact]
    public void Failures_that_lie_far_apart_do_not_add_up()
    {
        for (var i = 0; i < 10; i++)
        {
            _rig.Stall();
            _rig.Advance(1);
            Assert.True(_rig.Snapshot.Attached);
            _rig.Advance(600);
        }

        Assert.Equal(11, _rig.Kernel.Starts);
        Assert.Equal(8, _rig.Supervisor.Ends.Count);
    }

    [Fact]
    public void Being_started_on_request_begins_anew()
    {
        for (var i = 0; i < 3; i++)
        {
            _rig.Stall();
            _rig.Advance(5);
        }

        _rig.Supervisor.Start();
        Assert.True(_rig.Snapshot.Attached);
        Assert.Null(_rig.Snapshot.Failure);
        _rig.Stall();
        Assert.Equal(1, _rig.Ends[^1].Failures);
    }

    [Theory]
    [InlineData(SysRq, 0)]
    [InlineData(Unregistered, 0)]
    [InlineData(UnregisteredByKernel, 0)]
    public void Taken_off_on_purpose_it_stays_off_until_it_is_asked_for(int kind, long code)
    {
        _rig.Kernel.Eject("disabled by sysrq-S", kind, code);
        _rig.Advance(3600);

        Assert.Equal(1, _rig.Kernel.Starts);
        Assert.Equal(NextStep.StayOff, Assert.Single(_rig.Ends).Next);
        Assert.Null(_rig.Snapshot.Failure);
        Assert.StartsWith("The kernel ended the scheduler: disabled by sysrq-S. That was done on purpose", _rig.Snapshot.Reason, StringComparison.Ordinal);
        _rig.Supervisor.Start();
        Assert.True(_rig.Snapshot.Attached);
    }

    [Fact]
    public void A_restart_that_the_kernel_asks_for_is_no_failure()
    {
        for (var i = 0; i < 20; i++)
        {
            _rig.Kernel.Eject("hotplug", UnregisteredByKernel, RestartForHotplug);
            _rig.Advance(0.25);
            _rig.Advance(1);
            Assert.True(_rig.Snapshot.Attached);
        }

        Assert.All(_rig.Ends, end => Assert.Equal((NextStep.StartAgain, 0), (end.Next, end.Failures)));
        Assert.Null(_rig.Snapshot.Failure);
    }

    [Fact]
    public void A_CPU_that_comes_while_it_is_started_only_delays_the_start()
    {
        using var rig = new SupervisorRig();
        rig.Kernel.NextStarts.Enqueue(Ended(UnregisteredByKernel, RestartForHotplug));

        rig.Supervisor.Start();
        Assert.False(rig.Snapshot.Attached);
        Assert.NotNull(rig.Snapshot.RestartAt);
        rig.Advance(1);

        Assert.True(rig.Snapshot.Attached);
    }

    [Fact]
    public void One_that_cannot_run_here_is_not_tried_again()
    {
        using var rig = new SupervisorRig();
        rig.Kernel.NextStarts.Enqueue(new SchedulerUnavailableException("This kernel has no sched_ext."));

        Assert.Equal("This kernel has no sched_ext.", Assert.Throws<SchedulerUnavailableException>(rig.Supervisor.Start).Message);
        rig.Advance(3600);

        Assert.Equal(1, rig.Kernel.Starts);
        Assert.Empty(rig.Ends);
    }

    [Fact]
    public void Starts_that_fail_count_as_failures()
    {
        _rig.Kernel.NextStarts.Enqueue(new SchedulerUnavailableException("out of memory"));
        _rig.Kernel.NextStarts.Enqueue(Ended(1025, 0));
        _rig.Stall();
        _rig.Advance(1);
        Assert.Equal("The scheduler could not be started again: out of memory.", _rig.Ends[^1].Cause);
        _rig.Advance(5);

        Assert.Equal([NextStep.StartAgain, NextStep.StartAgain, NextStep.GiveUp], _rig.Ends.Select(end => end.Next));
        _rig.Advance(3600);
        Assert.False(_rig.Snapshot.Attached);
    }

    [Fact]
    public void Another_scheduler_that_was_attached_meanwhile_is_left_alone()
    {
        _rig.Kernel.Eject("runnable task stall");
        _rig.Kernel.OtherScheduler = "lavd";
        _rig.Advance(0.25);
        _rig.Advance(3600);

        Assert.Equal(1, _rig.Kernel.Starts);
        Assert.Equal(NextStep.GiveWay, _rig.Ends[^1].Next);
        Assert.StartsWith("Another sched_ext scheduler, 'lavd', has been attached meanwhile.", _rig.Snapshot.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_is_set_changes_nothing()
    {
        _rig.Stall();
        _rig.Clock.Offset = TimeSpan.FromDays(1);
        _rig.Advance(0.5);
        Assert.False(_rig.Snapshot.Attached);
        Assert.Equal(_rig.Clock.GetUtcNow() + TimeSpan.FromSeconds(0.5), _rig.Snapshot.RestartAt);
        _rig.Advance(0.5);
        Assert.True(_rig.Snapshot.Attached);
    }

    [Fact]
    public void Stopped_on_request_it_is_not_started_again()
    {
        _rig.Stall();
        _rig.Supervisor.Stop();
        _rig.Advance(3600);

        Assert.Equal(1, _rig.Kernel.Starts);
        Assert.Equal("The scheduler was stopped.", _rig.Snapshot.Reason);
        Assert.Null(_rig.Snapshot.RestartAt);
    }

    [Fact]
    public void An_end_that_nobody_has_looked_at_yet_shows_as_one_that_is_dealt_with()
    {
        _rig.Kernel.Eject("runnable task stall");

        Assert.False(_rig.Snapshot.Attached);
        Assert.NotNull(_rig.Snapshot.RestartAt);
        Assert.Empty(_rig.Ends);
    }

    private static SchedulerUnavailableException Ended(int kind, long code) =>
        new("The kernel ended the scheduler at once") { Exit = new SchedulerExit(kind, code, "hotplug", "", "") };
}
