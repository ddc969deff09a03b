using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

/// <summary>Threads that come to match a change, or cease to, where the kernel tells of them.</summary>
public sealed class EventTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public EventTests()
    {
        _rig.Events.Start();
        _rig.Machine.Start(10, "upf", "rx");
        _rig.Machine.Start(20, "shell");
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_process_that_is_born_with_the_name_has_the_class_without_a_look_at_all_threads()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        var readings = _rig.Machine.Readings;

        _rig.Machine.Start(30, "upf", "tx");
        _rig.Events.Tell(TaskEventKind.Fork, _rig.Machine.Key(30), 30);

        Assert.Equal((SchedulingClass.High, SchedulingClass.High), (_rig.ClassOf(30), _rig.ClassOf(31)));
        Assert.Equal(readings + 1, _rig.Machine.Readings);
        Assert.Equal(4, Assert.Single(_rig.Intents.Changes(includeEnded: false)).TaskCount);
    }

    [Fact]
    public void Nobody_waits_while_what_was_told_is_read()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        _rig.Machine.Start(30, "upf");
        var answered = 0;
        _rig.Machine.BeforeNextRead = () => answered = Elsewhere(() => _rig.Intents.Changes(includeEnded: false).Count);

        _rig.Events.Tell(TaskEventKind.Fork, _rig.Machine.Key(30), 30);

        Assert.Equal((1, SchedulingClass.High), (answered, _rig.ClassOf(30)));
    }

    [Fact]
    public void A_change_that_comes_while_what_was_told_is_read_holds_for_it_too()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        _rig.Machine.Start(30, "upf");
        _rig.Machine.Move(30, "/web");
        _rig.Machine.BeforeNextRead = () => Elsewhere(() => _rig.SetSlice(new Selector { Cgroup = "/web" }, 2000));

        _rig.Events.Tell(TaskEventKind.Fork, _rig.Machine.Key(30), 30);

        Assert.Equal((SchedulingClass.High, 2000), (_rig.ClassOf(30), _rig.SliceOf(30)));
    }

    [Fact]
    public void A_process_that_runs_another_program_gains_or_loses_the_class()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);

        _rig.Machine.Rename(20, "upf");
        _rig.Events.Tell(TaskEventKind.Exec, _rig.Machine.Key(20), 20);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(20));

        _rig.Machine.Rename(20, "shell");
        _rig.Events.Tell(TaskEventKind.Exec, _rig.Machine.Key(20), 20);
        Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(20));
        Assert.Equal(2, Assert.Single(_rig.Intents.Changes(includeEnded: false)).TaskCount);
    }

    [Fact]
    public void A_thread_that_takes_another_name_is_directed_alone()
    {
        _rig.Prioritize(Selector.OfCommand("^rx$"), SchedulingClass.High);
        _rig.Machine.AddThread(20, 21, "shell");

        _rig.Machine.Rename(21, "rx");
        _rig.Events.Tell(TaskEventKind.Rename, _rig.Machine.Key(21), 20);

        Assert.Equal((SchedulingClass.High, SchedulingClass.Unset), (_rig.ClassOf(21), _rig.ClassOf(20)));
    }

    [Fact]
    public void Who_is_moved_into_the_cgroup_joins_and_who_is_moved_out_leaves()
    {
        _rig.Machine.Move(10, "/web");
        _rig.Machine.Move(20, "/other");
        _rig.Prioritize(new Selector { Cgroup = "/web" }, SchedulingClass.Low);

        _rig.Machine.Move(20, "/web/inner");
        _rig.Events.Tell(TaskEventKind.Move, _rig.Machine.Key(20), 20);
        Assert.Equal(SchedulingClass.Low, _rig.ClassOf(20));

        _rig.Machine.Move(20, "/other");
        _rig.Events.Tell(TaskEventKind.Move, _rig.Machine.Key(20), 20);
        Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(20));
    }

    [Fact]
    public void A_thread_that_ends_leaves()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        var thread = _rig.Machine.Key(11);
        _rig.Machine.EndThread(11);
        _rig.Events.Tell(TaskEventKind.Exit, thread, 10);
        Assert.Equal([10], Assert.Single(_rig.Intents.Changes(includeEnded: false)).TaskSample);
    }

    [Fact]
    public void A_cgroup_that_all_have_left_is_looked_after_in_seconds_not_at_once()
    {
        _rig.Machine.Move(10, "/web");
        _rig.Prioritize(new Selector { Cgroup = "/web" }, SchedulingClass.Low);
        _rig.Time.Advance(TimeSpan.FromSeconds(1.1));
        _rig.Machine.Move(10, "/other");
        _rig.Events.Tell(TaskEventKind.Move, _rig.Machine.Key(10), 10);
        var readings = _rig.Machine.Readings;

        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(readings, _rig.Machine.Readings);
        _rig.Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal(readings + 1, _rig.Machine.Readings);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public void An_event_of_a_thread_whose_number_has_passed_to_another_directs_nobody_wrongly()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        var before = _rig.Machine.Start(30, "upf").Key;
        _rig.Machine.End(30);
        _rig.Machine.Start(30, "stranger");
        _rig.Events.Tell(TaskEventKind.Exec, before, 30);
        Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(30));
    }

    [Fact]
    public void A_pod_that_the_runtime_names_only_later_is_directed_then()
    {
        _rig.StartInPod(40, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.Prioritize(new Selector { Labels = "app=smf" }, SchedulingClass.High);
        _rig.Time.Advance(TimeSpan.FromSeconds(11));

        var cgroup = $"{FakePods.Cgroup("free5gc", "smf-1")}/{new string('a', 64)}";
        _rig.Machine.Start(50, "smf");
        _rig.Machine.Move(50, cgroup);
        _rig.Events.Tell(TaskEventKind.Fork, _rig.Machine.Key(50), 50);
        Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(50));

        _rig.Pods.Start("free5gc", "smf-1", ("app", "smf"));
        _rig.Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal(SchedulingClass.High, _rig.ClassOf(50));
        Assert.Contains(FakePods.Cgroup("free5gc", "smf-1"), _rig.Kernel.HeldByCgroups.Keys);
    }

    [Fact]
    public void Lost_events_are_made_up_for_by_a_look_at_all_threads()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        _rig.Machine.Start(30, "upf");

        _rig.Events.Lose();
        _rig.Time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(SchedulingClass.High, _rig.ClassOf(30));
    }

    [Fact]
    public void Without_a_loss_all_threads_are_looked_at_every_ten_seconds_only()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        _rig.Time.Advance(TimeSpan.FromSeconds(1.1));
        var readings = _rig.Machine.Readings;
        _rig.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(readings, _rig.Machine.Readings);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(readings + 1, _rig.Machine.Readings);
    }

    [Fact]
    public void What_is_told_while_all_threads_are_looked_at_is_not_undone_by_what_was_seen_before()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        // The look has read this process under its old name when it takes the new one.
        _rig.Machine.AfterNextRead = () =>
        {
            _rig.Machine.Rename(20, "upf");
            _rig.Events.Tell(TaskEventKind.Exec, _rig.Machine.Key(20), 20);
        };

        _rig.Intents.Refresh();

        Assert.Equal(SchedulingClass.High, _rig.ClassOf(20));
        Assert.Equal(3, Assert.Single(_rig.Intents.Changes(includeEnded: false)).TaskCount);
    }

    [Fact]
    public void Events_are_wanted_only_while_a_change_may_match_somebody_new()
    {
        Assert.False(_rig.Events.IsWanted);
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        Assert.False(_rig.Events.IsWanted);
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        Assert.True(_rig.Events.IsWanted);
        _rig.Intents.RevertAll();
        Assert.False(_rig.Events.IsWanted);
    }

    // As another client would: on a thread of its own, which would wait for ever for a lock that is held here.
    private static TResult Elsewhere<TResult>(Func<TResult> ask) => Task.Run(ask).WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();
}
