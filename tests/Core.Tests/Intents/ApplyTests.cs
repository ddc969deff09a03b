using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class ApplyTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_process_id_covers_all_its_threads()
    {
        _rig.Machine.Start(10, "upf", "rx", "tx");
        _rig.Machine.Start(20, "other");

        var result = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);

        Assert.Equal([10, 11, 12], result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.True(result.VisibleInKernel);
        Assert.All(result.Applied, applied => Assert.Equal(SchedulingClass.High, applied.Seen.Class));
        Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(20));
        Assert.Equal(1, _rig.Kernel.Publications);
    }

    [Fact]
    public void The_id_of_a_thread_that_does_not_lead_covers_just_that_thread()
    {
        _rig.Machine.Start(10, "upf", "rx", "tx");
        var result = _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.High);
        Assert.Equal([11], result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Equal((SchedulingClass.Unset, SchedulingClass.High), (_rig.ClassOf(10), _rig.ClassOf(11)));
    }

    [Fact]
    public void A_process_named_together_with_one_of_its_threads_is_covered_once()
    {
        _rig.Machine.Start(10, "upf", "rx");
        Assert.Equal(2, _rig.Prioritize(Selector.OfPids([11, 10, 10]), SchedulingClass.High).Applied.Count);
    }

    [Fact]
    public void A_regex_matches_names_of_threads_and_of_their_process()
    {
        _rig.Machine.Start(10, "upf", "rx");
        _rig.Machine.Start(20, "envoy", "upf-helper", "idle");

        var result = _rig.Prioritize(Selector.OfCommand("^upf"), SchedulingClass.LatencyCritical);

        Assert.Equal([10, 11, 21], result.Applied.Select(applied => applied.Task.Key.Tid));
    }

    [Fact]
    public void Class_and_slice_come_from_different_changes()
    {
        _rig.Machine.Start(10, "upf");
        var priority = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 60);
        var slice = _rig.SetSlice(Selector.OfCommand("upf"), 2000, ttl: 30);

        var seen = Assert.Single(slice.Applied).Seen;

        Assert.Equal((SchedulingClass.High, 60, 2000, 30), (seen.Class, seen.ClassExpiresInSeconds, seen.SliceUs, seen.SliceExpiresInSeconds));
        Assert.Equal([priority.Change.Id, slice.Change.Id], seen.ChangeIds);
    }

    [Fact]
    public void Of_changes_as_specific_the_newest_wins()
    {
        _rig.Machine.Start(10, "upf");
        _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.High);
        var newest = _rig.Prioritize(Selector.OfCommand("^upf"), SchedulingClass.Background);
        Assert.Equal(SchedulingClass.Background, _rig.ClassOf(10));
        Assert.Equal([newest.Change.Id], newest.Applied[0].Seen.ChangeIds);
        Assert.Equal(2, _rig.Intents.ActiveCount);
    }

    [Fact]
    public void The_more_specific_change_wins_and_the_other_waits_in_its_shadow()
    {
        _rig.Machine.Start(10, "upf", "rx");
        var narrow = _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.High, ttl: 10);
        var wide = _rig.Prioritize(Selector.OfCommand("upf"), SchedulingClass.Background);
        Assert.Equal((SchedulingClass.Background, SchedulingClass.High), (_rig.ClassOf(10), _rig.ClassOf(11)));
        Assert.Equal((2, 1), (wide.Change.TaskCount, wide.Change.ShadowedCount));
        Assert.True(narrow.Change.Specificity > wide.Change.Specificity);

        _rig.Time.Advance(TimeSpan.FromSeconds(10.1));

        Assert.Equal(SchedulingClass.Background, _rig.ClassOf(11));
        Assert.Equal(0, Assert.Single(_rig.Intents.Changes(includeEnded: false)).ShadowedCount);
    }

    [Fact]
    public void Asking_again_renews_under_the_same_id()
    {
        _rig.Machine.Start(10, "upf");
        var first = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 100, reason: "one");
        _rig.Time.Advance(TimeSpan.FromSeconds(60));

        var again = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 100, reason: "two");

        Assert.False(first.AlreadyActive);
        Assert.True(again.AlreadyActive);
        Assert.Equal(first.Change.Id, again.Change.Id);
        Assert.Equal(first.Change.ExpiresAt + TimeSpan.FromSeconds(60), again.Change.ExpiresAt);
        Assert.Equal((first.Change.CreatedAt, "two"), (again.Change.CreatedAt, again.Change.Request.Reason));
        Assert.Equal(100, again.Applied[0].Seen.ClassExpiresInSeconds);
        Assert.Single(_rig.Intents.Changes(includeEnded: true));
    }

    [Fact]
    public void A_renewal_puts_the_change_back_on_top()
    {
        _rig.Machine.Start(10, "upf");
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.Low);
        var again = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(10));
        Assert.True(again.VisibleInKernel);
    }

    [Fact]
    public void Another_author_gets_a_change_of_their_own()
    {
        _rig.Machine.Start(10, "upf");
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, author: "a");
        Assert.False(_rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, author: "b").AlreadyActive);
        Assert.Equal(2, _rig.Intents.ActiveCount);
    }

    [Fact]
    public void Protected_threads_that_a_regex_matches_are_skipped_with_the_reason()
    {
        _rig.Machine.Start(10, "db");
        var result = _rig.Prioritize(Selector.OfCommand("."), SchedulingClass.Low);
        Assert.Equal([10], result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Equal(
            [(1, "process 1 (init)"), (2, "kernel thread"), (99, "coxswain itself"), (100, "coxswain itself")],
            result.Skipped.Select(skipped => (skipped.Task.Key.Tid, skipped.Reason)));
    }

    [Fact]
    public void A_thread_that_ends_while_it_is_changed_is_skipped()
    {
        _rig.Machine.Start(10, "upf", "rx");
        _rig.Kernel.BeforeWrite = task =>
        {
            if (task.Tid == 11)
            {
                _rig.Machine.EndThread(11);
            }
        };
        var result = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        Assert.Equal([10], result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Equal("ended meanwhile", Assert.Single(result.Skipped).Reason);
        Assert.True(result.VisibleInKernel);
    }

    [Fact]
    public void What_the_kernel_does_not_show_is_not_called_visible()
    {
        _rig.Machine.Start(10, "upf");
        _rig.Kernel.LosesWrites = true;
        var result = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        Assert.False(result.VisibleInKernel);
        Assert.Equal(SchedulingClass.Unset, result.Applied[0].Seen.Class);
    }

    [Fact]
    public void What_an_author_writes_is_cleaned()
    {
        _rig.Machine.Start(10, "upf");
        var change = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, author: "evil\u001b[2J\n", reason: "a\u202Eb").Change;
        Assert.Equal(("evil[2J", "ab"), (change.Request.Author, change.Request.Reason));
    }

    [Fact]
    public void Ids_of_changes_are_short_and_different()
    {
        _rig.Machine.Start(10, "upf");
        var ids = Enumerable.Range(0, IntentLimits.MaxActiveIntents)
            .Select(i => _rig.SetSlice(Selector.OfPids([10]), 1000 + i).Change.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^chg_[a-z2-9]{5}$", id));
    }
}
