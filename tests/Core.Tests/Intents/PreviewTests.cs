using Coxswain.Core.Intents;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class PreviewTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public PreviewTests()
    {
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(20, "upf", "free5gc", "upf-1", ("app", "upf"));
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_preview_names_what_applying_would_change_and_changes_nothing()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.Low);
        var writes = _rig.Kernel.Writes;

        var preview = _rig.Intents.Preview(Request());

        Assert.Equal([10, 11, 20, 21], preview.Tasks.Select(planned => planned.Task.Key.Tid));
        Assert.Equal([true, true, false, false], preview.Tasks.Select(planned => planned.Shadowed));
        Assert.Equal([SchedulingClass.Low, SchedulingClass.Low, SchedulingClass.High, SchedulingClass.High], preview.Tasks.Select(planned => planned.After.Class));
        Assert.Equal(SchedulingClass.Low, preview.Tasks[0].Before!.Class);
        Assert.Null(preview.Tasks[2].Before);
        Assert.Equal(["free5gc/upf-0", "free5gc/upf-1"], preview.Pods.Select(pod => pod.Title));
        Assert.Equal((writes, 2), (_rig.Kernel.Writes, _rig.Kernel.Held.Count));
        var change = Assert.Single(_rig.Intents.Changes(includeEnded: true));
        Assert.Equal(0, change.ShadowedCount);
    }

    [Fact]
    public void What_applying_does_is_what_the_preview_said()
    {
        var preview = _rig.Intents.Preview(Request());
        var result = _rig.Intents.Apply(Request(), preview.PlanId);
        Assert.Equal(preview.Tasks.Select(planned => planned.Task.Key), result.Applied.Select(applied => applied.Task.Key));
        Assert.Equal(preview.Tasks.Select(planned => planned.After.Class), result.Applied.Select(applied => applied.Seen.Class));
        Assert.True(_rig.Intents.Preview(Request()).AlreadyActive);
    }

    [Fact]
    public void A_plan_ends_after_a_minute()
    {
        var id = _rig.Intents.Preview(Request()).PlanId;
        _rig.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal($"plan_id {id} is unknown or older than 60 s", Stale(Request(), id));
    }

    [Fact]
    public void A_plan_is_for_the_arguments_it_was_made_for()
    {
        var id = _rig.Intents.Preview(Request()).PlanId;
        Assert.Equal($"plan_id {id} was made for other arguments (labels app=upf)", Stale(Request() with { TtlSeconds = 700 }, id));
        Assert.Equal($"plan_id {id} was made for other arguments (labels app=upf)", Stale(Request() with { Author = "somebody" }, id));
        Assert.Equal($"plan_id {id} was made for other arguments (labels app=upf)", Stale(Request() with { UntilPodsEnd = true }, id));
    }

    [Fact]
    public void A_plan_does_not_outlive_the_pods_it_was_made_for()
    {
        var id = _rig.Intents.Preview(Request()).PlanId;
        _rig.StartInPod(30, "upf", "free5gc", "upf-2", ("app", "upf"));
        _rig.Machine.End(10);
        _rig.Pods.End("free5gc", "upf-0");
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal($"plan_id {id} no longer fits: free5gc/upf-2 is new, free5gc/upf-0 ended", Stale(Request(), id));
    }

    [Fact]
    public void A_conflict_is_part_of_the_preview()
    {
        var theirs = _rig.Intents.Apply(Request() with { Author = "codex" });
        var conflict = Assert.Single(_rig.Intents.Preview(Request()).Conflicts);
        Assert.Equal((theirs.Change.Id, 2), (conflict.Change.Id, conflict.Pods.Count));
    }

    [Fact]
    public void A_thread_is_explained_with_all_changes_that_name_it()
    {
        var wide = _rig.Intents.Apply(Request());
        var narrow = _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.Low);
        var slice = _rig.SetSlice(new Selector { Namespace = "free5gc" }, 3000);

        var explanation = _rig.Intents.Explain(11)!;

        Assert.Equal([narrow.Change.Id, wide.Change.Id, slice.Change.Id], explanation.Matches.Select(match => match.Change.Id));
        Assert.Equal([(true, false), (false, false), (false, true)], explanation.Matches.Select(match => (match.DecidesClass, match.DecidesSlice)));
        Assert.Equal(("free5gc/upf-0", true), (explanation.Pod!.Title, explanation.Agrees));
        Assert.Equal((SchedulingClass.Low, 3000), (explanation.Own!.Class, explanation.Own.SliceUs));
        Assert.Equal((SchedulingClass.High, FakePods.Cgroup("free5gc", "upf-0")), (explanation.Cgroup!.Class, explanation.CgroupPath));
    }

    [Fact]
    public void A_kernel_that_has_something_else_does_not_agree()
    {
        _rig.Kernel.LosesWrites = true;
        _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.Low);
        var explanation = _rig.Intents.Explain(11)!;
        Assert.False(explanation.Agrees);
        Assert.Null(explanation.Own);
        Assert.Equal(SchedulingClass.Low, explanation.Wanted!.Class);
    }

    [Fact]
    public void Of_a_protected_and_of_an_absent_thread_that_is_what_is_said()
    {
        var explanation = _rig.Intents.Explain(1)!;
        Assert.Equal(("process 1 (init)", true, 0), (explanation.Protected, explanation.Agrees, explanation.Matches.Count));
        Assert.Null(_rig.Intents.Explain(4242));
    }

    private static IntentRequest Request() =>
        new() { Selector = new Selector { Labels = "app=upf" }, Effect = IntentEffect.OfClass(SchedulingClass.High), Author = "agent" };

    private string Stale(IntentRequest request, string planId)
    {
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Intents.Apply(request, planId));
        Assert.Equal(RejectionCause.StalePlan, refusal.Cause);
        return refusal.Message;
    }
}
