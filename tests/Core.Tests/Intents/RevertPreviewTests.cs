using Coxswain.Core.Intents;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

/// <summary>What a revert would do, told without doing it.</summary>
public sealed class RevertPreviewTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public RevertPreviewTests()
    {
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(20, "smf", "free5gc", "smf-0", ("app", "smf"));
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Each_thread_goes_back_to_an_older_change_or_to_nothing()
    {
        _rig.Prioritize(new Selector { Namespace = "free5gc" }, SchedulingClass.Low);
        var newer = _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High).Change.Id;

        var preview = _rig.Intents.PreviewRevert([newer]);

        Assert.Equal(newer, Assert.Single(preview.Changes).Id);
        Assert.Equal([10, 11], preview.Tasks.Select(planned => planned.Task.Key.Tid));
        Assert.All(preview.Tasks, planned => Assert.Equal((SchedulingClass.High, SchedulingClass.Low, false), (planned.Before!.Class, planned.After.Class, planned.Shadowed)));
        Assert.Equal(1, preview.RemainingActive);

        var all = _rig.Intents.PreviewRevertAll();
        Assert.Equal([10, 11, 20, 21], all.Tasks.Select(planned => planned.Task.Key.Tid));
        Assert.All(all.Tasks, planned => Assert.Equal(SchedulingClass.Unset, planned.After.Class));
        Assert.Equal(0, all.RemainingActive);
    }

    [Fact]
    public void A_revert_does_what_its_preview_said_and_the_preview_nothing()
    {
        _rig.Prioritize(new Selector { Namespace = "free5gc" }, SchedulingClass.Low);
        var newer = _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High).Change.Id;
        var (writes, removals, publications) = (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications);
        var (held, cgroups) = (_rig.Kernel.Held, _rig.Kernel.HeldByCgroups);

        var preview = _rig.Intents.PreviewRevert([newer]);

        Assert.Equal((writes, removals, publications), (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications));
        Assert.Equal(held, _rig.Kernel.Held);
        Assert.Equal(cgroups, _rig.Kernel.HeldByCgroups);
        Assert.Equal([2, 4], _rig.Intents.Changes(includeEnded: false).Select(change => change.TaskCount));
        Assert.Equal([0, 2], _rig.Intents.Changes(includeEnded: false).Select(change => change.ShadowedCount));
        _rig.Intents.Revert([newer]);
        Assert.All(preview.Tasks, planned => Assert.Equal(planned.After.Class, _rig.ClassOf(planned.Task.Key.Tid)));
    }

    [Fact]
    public void A_change_that_decides_nothing_takes_nothing_along()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        var older = _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.Low).Change.Id;
        Assert.All(
            _rig.Intents.PreviewRevert([older]).Tasks,
            planned => Assert.Equal((true, SchedulingClass.High, SchedulingClass.High), (planned.Shadowed, planned.Before!.Class, planned.After.Class)));
    }

    [Fact]
    public void Those_of_one_author_are_his_alone()
    {
        _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High, author: "a");
        var other = _rig.Prioritize(Selector.OfCommand("^smf$"), SchedulingClass.High, author: "b").Change.Id;
        var preview = _rig.Intents.PreviewRevertAll("b");
        Assert.Equal(other, Assert.Single(preview.Changes).Id);
        Assert.Equal([20, 21], preview.Tasks.Select(planned => planned.Task.Key.Tid));
        Assert.Equal(1, preview.RemainingActive);
    }

    [Fact]
    public void What_has_ended_or_never_was_is_told_apart()
    {
        var ended = _rig.Prioritize(Selector.OfCommand("^upf$"), SchedulingClass.High).Change.Id;
        _rig.Intents.Revert([ended]);
        var preview = _rig.Intents.PreviewRevert([ended, "chg_xxxxx"]);
        Assert.Empty(preview.Changes);
        Assert.Equal((ended, "chg_xxxxx"), (Assert.Single(preview.AlreadyEnded).Id, Assert.Single(preview.NotFound)));
        var refused = Assert.Throws<IntentRejectedException>(() => _rig.Intents.PreviewRevert(["chg_xxxxx"]));
        Assert.Equal(RejectionCause.UnknownChange, refused.Cause);
    }
}
