using Coxswain.Core.Intents;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class PodIntentTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public PodIntentTests()
    {
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"), ("tier", "user-plane"));
        _rig.StartInPod(20, "upf", "free5gc", "upf-1", ("app", "upf"));
        _rig.StartInPod(30, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.StartInPod(40, "upf", "lab", "upf-0", ("app", "upf"));
        _rig.StartInPod(50, "batch", "batch", "job-1");
        _rig.Machine.Start(60, "upf");
        _rig.Machine.Move(60, "/system.slice/upf.service");
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("free5gc", "app=upf", "", new[] { 10, 20 })]
    [InlineData("", "app=upf", "", new[] { 10, 20, 40 })]
    [InlineData("free5gc", "", "", new[] { 10, 20, 30 })]
    [InlineData("free5gc", "", "upf-0", new[] { 10 })]
    [InlineData("", "", "upf-0", new[] { 10, 40 })]
    [InlineData("", "app in (smf,amf)", "", new[] { 30 })]
    [InlineData("free5gc", "app!=upf", "", new[] { 30 })]
    [InlineData("free5gc", "!tier,app", "", new[] { 20, 30 })]
    public void All_threads_of_the_named_pods_are_covered_and_no_others(string space, string labels, string pod, int[] pids)
    {
        var result = _rig.Prioritize(
            new Selector { Namespace = space, Labels = labels, PodNames = pod.Length > 0 ? [pod] : [] }, SchedulingClass.Low);

        Assert.Equal(pids.SelectMany(pid => new[] { pid, pid + 1 }), result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Equal(pids.SelectMany(pid => new[] { pid, pid + 1 }), _rig.Kernel.Held.Keys.Select(key => key.Tid).Order());
        Assert.Equal(pids.Length, result.Pods.Count);
        Assert.Equal(pids.Length, _rig.Kernel.HeldByCgroups.Count);
        Assert.True(result.VisibleInKernel);
    }

    [Fact]
    public void The_directive_is_also_on_the_cgroup_of_the_pod_for_what_is_born_in_it()
    {
        var change = Apply("app=upf", SchedulingClass.High).Change;
        var held = _rig.Kernel.HeldByCgroups[FakePods.Cgroup("free5gc", "upf-0")];
        Assert.Equal((SchedulingClass.High, change.Number), (held.Class, held.ClassIntent));
        Assert.Equal(_rig.Kernel.Of(10)!.Value.ClassExpiresNs, held.ClassExpiresNs);
    }

    [Fact]
    public void With_a_command_only_matching_threads_are_directed_and_no_cgroup()
    {
        _rig.StartInPod(12, "sidecar", "free5gc", "upf-0");
        var result = _rig.Prioritize(new Selector { Namespace = "free5gc", Command = "^upf$" }, SchedulingClass.High);
        Assert.Equal([10, 11, 20, 21], result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public void A_revert_leaves_nothing_in_the_kernel()
    {
        var id = Apply("app=upf", SchedulingClass.High).Change.Id;
        Assert.True(_rig.Intents.Revert([id]).GoneFromKernel);
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public void At_its_end_a_change_leaves_nothing_in_the_kernel()
    {
        Apply("app=upf", SchedulingClass.High, ttl: 30);
        Advance(30.1);
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
        Assert.Empty(_rig.Failures);
    }

    [Fact]
    public void A_pod_that_starts_later_joins()
    {
        Apply("app=upf", SchedulingClass.High);
        _rig.StartInPod(70, "upf", "free5gc", "upf-2", ("app", "upf"));
        Advance(1.1);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(70));
        Assert.Contains(FakePods.Cgroup("free5gc", "upf-2"), _rig.Kernel.HeldByCgroups.Keys);
    }

    [Fact]
    public void A_pod_that_is_made_anew_under_the_same_cgroup_is_directed_again()
    {
        Apply("app=upf", SchedulingClass.High);
        _rig.Machine.End(10);
        _rig.Kernel.DeleteCgroup(FakePods.Cgroup("free5gc", "upf-0"));
        Advance(1.1);
        _rig.StartInPod(80, "upf", "free5gc", "upf-0");
        Advance(1.1);
        Assert.Equal(SchedulingClass.High, _rig.Kernel.HeldByCgroups[FakePods.Cgroup("free5gc", "upf-0")].Class);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(81));
    }

    [Fact]
    public void A_pod_that_ends_leaves_and_the_change_waits_for_its_successor()
    {
        Apply("tier=user-plane", SchedulingClass.High);
        _rig.Machine.End(10);
        _rig.Pods.End("free5gc", "upf-0");
        Advance(2.1);
        Assert.Equal(0, Assert.Single(_rig.Intents.Changes(includeEnded: false)).TaskCount);
        _rig.StartInPod(90, "upf", "free5gc", "upf-9", ("tier", "user-plane"));
        Advance(2.1);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(90));
    }

    [Fact]
    public void A_process_that_leaves_the_pod_loses_its_directive()
    {
        Apply("app=upf", SchedulingClass.High);
        _rig.Machine.Move(10, "/system.slice/other.service");
        Advance(1.1);
        Assert.Equal((SchedulingClass.Unset, SchedulingClass.High), (_rig.ClassOf(10), _rig.ClassOf(20)));
    }

    [Fact]
    public void While_the_runtime_is_silent_pods_stay_directed()
    {
        Apply("app=upf", SchedulingClass.High);
        _rig.Pods.Problem = "the container runtime is away";
        Advance(5);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(10));
        Assert.True(Apply("app=upf", SchedulingClass.High).AlreadyActive);
    }

    [Fact]
    public void A_pod_beats_its_namespace_also_on_the_cgroup()
    {
        _rig.Prioritize(new Selector { Namespace = "free5gc", PodNames = ["upf-0"] }, SchedulingClass.High);
        _rig.Prioritize(new Selector { Namespace = "free5gc" }, SchedulingClass.Background);
        Assert.Equal((SchedulingClass.High, SchedulingClass.Background), (_rig.ClassOf(10), _rig.ClassOf(20)));
        Assert.Equal(SchedulingClass.High, _rig.Kernel.HeldByCgroups[FakePods.Cgroup("free5gc", "upf-0")].Class);
        Assert.Equal(SchedulingClass.Background, _rig.Kernel.HeldByCgroups[FakePods.Cgroup("free5gc", "upf-1")].Class);
    }

    [Fact]
    public void What_an_outer_cgroup_has_holds_in_an_inner_one_as_well()
    {
        _rig.SetSlice(new Selector { Cgroup = "/kubepods/burstable" }, 2000);
        Apply("app=smf", SchedulingClass.High);
        var held = _rig.Kernel.HeldByCgroups[FakePods.Cgroup("free5gc", "smf-0")];
        Assert.Equal((SchedulingClass.High, 2_000_000ul), (held.Class, held.SliceNs));
        Assert.Equal(2_000_000ul, _rig.Kernel.HeldByCgroups["/kubepods/burstable"].SliceNs);
    }

    [Theory]
    [InlineData("unit")]
    [InlineData("cgroup")]
    public void Units_and_cgroups_are_covered_with_all_below(string kind)
    {
        _rig.Machine.Start(61, "helper");
        _rig.Machine.Move(61, "/system.slice/upf.service/helper");
        _rig.Machine.Start(62, "other");
        _rig.Machine.Move(62, "/system.slice/upf.service2");
        var selector = kind == "unit" ? new Selector { Unit = "upf.service" } : new Selector { Cgroup = "/system.slice/upf.service" };
        Assert.Equal([60, 61], _rig.Prioritize(selector, SchedulingClass.High).Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Equal(["/system.slice/upf.service"], _rig.Kernel.HeldByCgroups.Keys);
    }

    [Fact]
    public void A_cgroup_with_a_protected_process_is_directed_thread_by_thread()
    {
        _rig.Machine.Start(63, "sshd");
        _rig.Machine.Move(63, "/system.slice/ssh.service");
        var result = _rig.Prioritize(new Selector { Cgroup = "/system.slice" }, SchedulingClass.Low);
        Assert.Equal([60], result.Applied.Select(applied => applied.Task.Key.Tid));
        Assert.Equal((63, "remote access"), (Assert.Single(result.Skipped).Task.Key.Tid, result.Skipped[0].Reason));
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public void A_protected_process_that_is_born_in_a_directed_cgroup_frees_it()
    {
        _rig.Prioritize(new Selector { Cgroup = "/system.slice" }, SchedulingClass.Low);
        Assert.Single(_rig.Kernel.HeldByCgroups);
        _rig.Machine.Start(63, "sshd");
        _rig.Machine.Move(63, "/system.slice/ssh.service");
        Advance(1.1);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
        Assert.Equal((SchedulingClass.Low, SchedulingClass.Unset), (_rig.ClassOf(60), _rig.ClassOf(63)));
    }

    [Fact]
    public void A_user_is_covered_with_all_processes()
    {
        _rig.Machine.Change(30, task => task with { Uid = 1000 });
        Assert.Equal([30], _rig.Prioritize(new Selector { Uid = 1000 }, SchedulingClass.Low).Applied.Select(applied => applied.Task.Key.Tid));
    }

    [Fact]
    public void When_the_scheduler_ends_nothing_is_believed_to_be_directed()
    {
        Apply("app=upf", SchedulingClass.High);
        _rig.Kernel.Eject("runnable task stall");
        Advance(2);
        Assert.Equal(EndCause.SchedulerEnded, Assert.Single(_rig.EndedChanges).EndCause);
        _rig.Kernel.AttachAgain();
        Apply("app=upf", SchedulingClass.High);
        Assert.Equal(3, _rig.Kernel.HeldByCgroups.Count);
    }

    private ApplyResult Apply(string labels, SchedulingClass schedulingClass, int ttl = 600) =>
        _rig.Prioritize(new Selector { Labels = labels }, schedulingClass, ttl);

    private void Advance(double seconds) => _rig.Time.Advance(TimeSpan.FromSeconds(seconds));
}
