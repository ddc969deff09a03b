using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class LifetimeTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public LifetimeTests() => _rig.Machine.Start(10, "upf", "rx");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_change_ends_by_itself_and_is_gone_from_the_kernel()
    {
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 10).Change;

        Advance(9.95);
        Assert.Equal(2, _rig.Kernel.Held.Count);
        Advance(0.1);

        Assert.Empty(_rig.Kernel.Held);
        var ended = Assert.Single(_rig.EndedChanges);
        Assert.Equal((change.Id, EndCause.Expired, 2), (ended.Id, ended.EndCause, ended.TaskCount));
        Assert.InRange((ended.EndedAt!.Value - change.ExpiresAt).TotalMilliseconds, 0, 100);
    }

    [Fact]
    public void The_kernel_knows_the_expiry_even_if_user_space_never_runs_again()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 10);
        _rig.Intents.Dispose();
        Advance(9.9);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(10));
        Advance(0.1);
        Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(10));
    }

    [Fact]
    public void When_the_newest_ends_the_older_one_comes_back()
    {
        _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.Low, ttl: 100);
        _rig.Prioritize(Selector.OfCommand("^upf"), SchedulingClass.High, ttl: 10);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(11));
        Advance(10);
        Assert.Equal((SchedulingClass.Low, SchedulingClass.Low), (_rig.ClassOf(10), _rig.ClassOf(11)));
        Advance(90);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void Class_and_slice_end_each_at_its_own_time()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 10);
        _rig.SetSlice(Selector.OfPids([10]), 500, ttl: 20);
        Advance(10);
        Assert.Equal((SchedulingClass.Unset, 500), (_rig.ClassOf(10), _rig.SliceOf(10)));
        Advance(10);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void Revert_restores_what_was_before()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.Low);
        var newest = _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.High);

        var result = _rig.Intents.Revert([newest.Change.Id]);

        Assert.Equal([newest.Change.Id], result.Reverted.Select(change => change.Id));
        Assert.Equal((1, true, 1), (result.TasksRestored, result.GoneFromKernel, result.RemainingActive));
        Assert.Equal((SchedulingClass.Low, SchedulingClass.Low), (_rig.ClassOf(10), _rig.ClassOf(11)));
    }

    [Fact]
    public void Reverting_all_leaves_nothing_in_the_kernel()
    {
        _rig.Machine.Start(20, "db");
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.Low);
        _rig.SetSlice(Selector.OfCommand("db|upf"), 400);

        var result = _rig.Intents.RevertAll();

        Assert.Equal((2, 3, 0), (result.Reverted.Count, result.TasksRestored, result.RemainingActive));
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Intents.RevertAll().Reverted);
    }

    [Fact]
    public void Reverting_what_has_ended_succeeds_and_tells()
    {
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 5).Change;
        Advance(6);
        var result = _rig.Intents.Revert([change.Id, "chg_none"]);
        Assert.Empty(result.Reverted);
        Assert.Equal(EndCause.Expired, Assert.Single(result.AlreadyEnded).EndCause);
        Assert.Equal(["chg_none"], result.NotFound);
    }

    [Fact]
    public void Reverting_only_unknown_ids_is_refused_and_names_the_active_ones()
    {
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).Change;
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Intents.Revert(["chg_none"]));
        Assert.Equal($"no change has the id chg_none; active: {change.Id}", refusal.Message);
        Assert.Equal(RejectionCause.UnknownChange, refusal.Cause);
    }

    [Fact]
    public void Copies_that_the_kernel_made_for_new_threads_are_reverted_too()
    {
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).Change;
        _rig.Machine.AddThread(10, 12, "born later");
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(12));

        // And one is born while the first pass of the revert runs.
        _rig.Machine.BeforeNextRead = () => _rig.Machine.BeforeNextRead = () => _rig.Machine.AddThread(10, 13, "born in between");
        var result = _rig.Intents.Revert([change.Id]);

        Assert.True(result.GoneFromKernel);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void A_process_that_breeds_without_end_does_not_hold_up_the_revert()
    {
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).Change;
        var held = _rig.Kernel.Of(10)!.Value;
        var next = 12;
        void Breed()
        {
            var key = _rig.Machine.AddThread(10, next++, "bred").Key;
            _rig.Kernel.TryWrite(key, held);
            _rig.Machine.BeforeNextRead = Breed;
        }

        _rig.Machine.BeforeNextRead = Breed;
        Assert.False(_rig.Intents.Revert([change.Id]).GoneFromKernel);
    }

    [Fact]
    public void Threads_born_later_join_and_dead_ones_leave()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        _rig.Machine.Start(30, "upf");
        _rig.Machine.EndThread(11);
        Advance(1);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(30));
        var change = Assert.Single(_rig.Intents.Changes(includeEnded: false));
        Assert.Equal([10, 30], change.TaskSample);
    }

    [Fact]
    public void A_process_that_becomes_another_program_leaves()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High);
        _rig.Machine.Rename(10, "smf");
        Advance(1);
        Assert.Empty(_rig.Kernel.Held);
        Assert.Equal(1, _rig.Intents.ActiveCount);
        Assert.Equal(0, _rig.Intents.Changes(false)[0].TaskCount);
    }

    [Fact]
    public void A_pid_that_another_process_got_is_not_the_one_that_was_named()
    {
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).Change;
        _rig.Machine.End(10);
        _rig.Machine.Start(10, "stranger");
        Advance(1);
        Assert.Empty(_rig.Kernel.Held);
        Assert.Equal(EndCause.ProcessesEnded, Assert.Single(_rig.EndedChanges).EndCause);
        Assert.Equal([change.Id], _rig.Intents.Revert([change.Id]).AlreadyEnded.Select(ended => ended.Id));
    }

    [Fact]
    public void A_copy_on_a_thread_that_was_not_named_is_taken_away()
    {
        _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.High);
        _rig.Machine.AddThread(10, 12, "child of rx", creator: 11);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(12));
        Advance(1);
        Assert.Equal((SchedulingClass.High, SchedulingClass.Unset), (_rig.ClassOf(11), _rig.ClassOf(12)));
    }

    [Fact]
    public void What_is_as_it_should_be_is_not_written_again()
    {
        _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.High);
        var (writes, publications) = (_rig.Kernel.Writes, _rig.Kernel.Publications);
        Advance(60);
        Assert.Equal((writes, publications), (_rig.Kernel.Writes, _rig.Kernel.Publications));
    }

    [Fact]
    public void Dead_processes_are_not_looked_up_for_ever()
    {
        _rig.Machine.Start(20, "db");
        _rig.Prioritize(Selector.OfPids([10, 20]), SchedulingClass.High);
        _rig.Machine.End(20);
        Advance(1);
        var readings = _rig.Machine.Readings;
        Advance(1);
        Assert.Equal(1, _rig.Machine.Readings - readings);
    }

    [Fact]
    public void Nothing_is_looked_up_while_no_change_is_active()
    {
        _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.High, ttl: 2);
        Advance(5);
        var readings = _rig.Machine.Readings;
        Advance(60);
        Assert.Equal(readings, _rig.Machine.Readings);
    }

    [Fact]
    public void When_the_scheduler_ends_its_changes_end_with_it()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.Low);
        _rig.Kernel.Eject("runnable task stall");
        Advance(1);
        Assert.Equal(0, _rig.Intents.ActiveCount);
        Assert.All(_rig.EndedChanges, change => Assert.Equal(EndCause.SchedulerEnded, change.EndCause));
        Assert.Equal(2, _rig.EndedChanges.Count);
    }

    [Fact]
    public void A_scheduler_that_was_attached_anew_has_none_of_the_old_changes()
    {
        var old = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).Change;
        _rig.Time.Advance(TimeSpan.FromMilliseconds(10));
        _rig.Kernel.AttachAgain();
        var result = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        Assert.NotEqual(old.Id, result.Change.Id);
        Assert.True(result.VisibleInKernel);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(10));
    }

    [Fact]
    public void A_failing_look_at_the_machine_is_reported_and_tried_again()
    {
        _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.High);
        _rig.Machine.BeforeNextRead = () => throw new IOException("no /proc");
        Advance(1);
        Assert.Equal("no /proc", Assert.Single(_rig.Failures).Message);
        _rig.Machine.Start(30, "upf");
        Advance(1);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(30));
    }

    [Fact]
    public void The_history_is_bounded()
    {
        _rig.Limit(OperatorLimits.Default with { MaxChangesPerMinute = 10_000 });
        for (var i = 0; i < IntentLimits.MaxHistory + 10; i++)
        {
            _rig.Intents.Revert([_rig.SetSlice(Selector.OfPids([10]), 1000).Change.Id]);
        }

        var changes = _rig.Intents.Changes(includeEnded: true);
        Assert.Equal(IntentLimits.MaxHistory, changes.Count);
        Assert.Equal((uint)IntentLimits.MaxHistory + 10, changes[0].Number);
    }

    [Fact]
    public void What_the_kernel_holds_can_be_read_for_any_thread()
    {
        var change = _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.High, ttl: 100).Change;
        _rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        var directives = _rig.Intents.ReadDirectives([_rig.Machine.Find(10)!, _rig.Machine.Find(11)!]);
        Assert.Null(directives[0]);
        Assert.Equal((SchedulingClass.High, 100), (directives[1]!.Class, directives[1]!.ClassExpiresInSeconds));
        Assert.Equal([change.Id], directives[1]!.ChangeIds);
        _rig.Kernel.Eject("gone");
        Assert.Null(_rig.Intents.ReadDirectives([_rig.Machine.Find(11)!])[0]);
    }

    private void Advance(double seconds) => _rig.Time.Advance(TimeSpan.FromSeconds(seconds));
}
