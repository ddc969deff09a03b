using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class PodRefusalTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public PodRefusalTests()
    {
        _rig.StartInPod(10, "upf", "free5gc", "upf-5d9c", ("app", "upf"));
        _rig.StartInPod(20, "smf", "free5gc", "smf-77f4", ("app", "smf"));
        _rig.StartInPod(30, "agent", "monitoring", "node-exporter", ("name", "exporter"));
        _rig.StartInPod(40, "web", "shop", "web-0", ("app", "web"));
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("free5g", "", "", "namespace 'free5g' has no pods on this machine; similar: free5gc")]
    [InlineData("xyz", "", "", "namespace 'xyz' has no pods on this machine; namespaces here: free5gc, monitoring, shop")]
    [InlineData("free5gc", "", "upf", "no pod 'upf' in namespace 'free5gc'; similar: upf-5d9c")]
    [InlineData("", "", "nothing-like-it", "no pod 'nothing-like-it' on this machine; pods there: node-exporter, smf-77f4, upf-5d9c, web-0")]
    [InlineData("free5gc", "ap=upf", "", "no pod there has a label 'ap'; similar: app")]
    [InlineData("free5gc", "app=upff", "", "no pod there meets 'app=upff'; similar: upf")]
    [InlineData("free5gc", "app=database", "", "no pod there meets 'app=database'; values of 'app' there: smf, upf")]
    [InlineData("shop", "app!=web", "", "every pod there is excluded by 'app!=web'")]
    [InlineData("free5gc", "app=upf,!app", "", "every pod there is excluded by '!app'")]
    public void A_pod_that_does_not_exist_is_refused_with_what_may_have_been_meant(string space, string labels, string pod, string expected)
    {
        var refusal = Refusal(new Selector { Namespace = space, Labels = labels, PodNames = pod.Length > 0 ? [pod] : [] });
        Assert.Equal((RejectionCause.NoSuchPod, expected), (refusal.Cause, refusal.Message));
        Assert.Equal(0, _rig.Kernel.Writes);
    }

    [Theory]
    [InlineData("^amf$", "similar: smf")]
    [InlineData("postgres", "there run: upf, worker, smf")]
    public void A_command_that_no_pod_runs_is_refused_with_those_that_run(string command, string expected) => Assert.Equal(
        $"command \"{command}\" matches no thread and no process of these pods; {expected}",
        Refusal(new Selector { Namespace = "free5gc", Command = command }).Message);

    [Fact]
    public void Without_a_runtime_pods_cannot_be_named()
    {
        using var rig = new IntentRig();
        rig.Pods.Problem = "no container runtime listens here";
        var refusal = Assert.Throws<IntentRejectedException>(() => rig.Prioritize(new Selector { Namespace = "a" }, SchedulingClass.High));
        Assert.Equal(
            "pods cannot be told apart here: no container runtime listens here; processes can be named by pids, command, cgroup or unit",
            refusal.Message);
    }

    [Fact]
    public void A_pod_without_a_process_is_refused()
    {
        _rig.Pods.Start("shop", "empty");
        Assert.Equal(
            "the selection (namespace shop pods empty) names pods, but none of them has a running process",
            Refusal(new Selector { Namespace = "shop", PodNames = ["empty"] }).Message);
    }

    [Theory]
    [InlineData("nginx.servic", "unit \"nginx.servic\" has no running process; similar: nginx.service")]
    [InlineData("a/b", "unit must be the name of a systemd unit, e.g. \"nginx.service\"; a path goes into cgroup")]
    public void A_unit_that_does_not_run_is_refused(string unit, string expected)
    {
        _rig.Machine.Start(60, "nginx");
        _rig.Machine.Move(60, "/system.slice/nginx.service");
        Assert.Equal(expected, Refusal(new Selector { Unit = unit }).Message);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("relative")]
    [InlineData("/a/")]
    public void A_cgroup_must_be_a_path_below_the_root(string cgroup) =>
        Assert.Contains("cgroup must be a path below the root", Refusal(new Selector { Cgroup = cgroup }).Message, StringComparison.Ordinal);

    [Fact]
    public void Ways_of_naming_that_exclude_one_another_are_refused()
    {
        Assert.Contains("pids cannot be combined", Refusal(new Selector { Pids = [10], Namespace = "shop" }).Message, StringComparison.Ordinal);
        Assert.Contains("pods cannot be combined with cgroup", Refusal(new Selector { Cgroup = "/a", Namespace = "shop" }).Message, StringComparison.Ordinal);
        Assert.Contains("\"a b\" is no label value", Refusal(new Selector { Labels = "x=a b" }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Somebody_elses_pods_are_refused_unless_they_may_be_replaced()
    {
        var theirs = Apply(new Selector { Namespace = "free5gc", PodNames = ["upf-5d9c"] }, "codex");
        _rig.Time.Advance(TimeSpan.FromSeconds(360));
        var refusal = Assert.Throws<IntentRejectedException>(() => Apply(new Selector { Namespace = "free5gc" }, "agent"));
        Assert.Equal(
            (RejectionCause.Conflict, $"pods free5gc/upf-5d9c are already covered by {theirs.Change.Id} of \"codex\", for 240 s more"),
            (refusal.Cause, refusal.Message));

        var mine = Apply(new Selector { Namespace = "free5gc" }, "agent", SchedulingClass.Low, replaces: true);

        Assert.Equal(SchedulingClass.Low, _rig.ClassOf(10));
        Assert.Equal(0, mine.Change.ShadowedCount);
        _rig.Intents.Revert([mine.Change.Id]);
        Assert.Equal((SchedulingClass.High, SchedulingClass.Unset), (_rig.ClassOf(10), _rig.ClassOf(20)));
    }

    [Fact]
    public void Another_effect_or_other_pods_of_somebody_else_are_no_conflict()
    {
        Apply(new Selector { Namespace = "free5gc" }, "codex");
        Assert.NotNull(Apply(new Selector { Namespace = "shop" }, "agent"));
        Assert.NotNull(_rig.SetSlice(new Selector { Namespace = "free5gc" }, 2000));
    }

    [Fact]
    public void Top_priority_for_every_pod_is_refused_with_the_limit()
    {
        var refusal = Refusal(new Selector { Labels = "!no-such-label" });
        Assert.Equal(RejectionCause.LimitExceeded, refusal.Cause);
        Assert.Equal(
            "4 of the 4 pods of this machine would be high or latency_critical, and where everything comes first nothing does: at most 75 % can be " +
            "(limit max_upper_share_pct); name fewer, or put others to low or background",
            refusal.Message);
        Assert.Equal(4, _rig.Prioritize(new Selector { Labels = "!no-such-label" }, SchedulingClass.Low).Pods.Count);
    }

    [Fact]
    public void Priority_for_every_pod_is_refused_also_in_several_steps()
    {
        Apply(new Selector { Namespace = "free5gc" }, "agent");
        Apply(new Selector { Namespace = "shop" }, "agent");
        Assert.Contains("4 of the 4 pods", Refusal(new Selector { Namespace = "monitoring" }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_limit_of_the_operator_is_named_when_it_refuses()
    {
        _rig.Limit(new OperatorLimits { MaxTtlSeconds = 60, MaxActiveChanges = 1, MaxTasksPerChange = 2, MinSliceUs = 1000, MaxSliceUs = 5000, MaxChangesPerMinute = 2 });
        Assert.Contains("ttl_seconds=600 is above the maximum 60 (limit max_ttl_seconds", Refusal(Selector.OfPids([10])).Message, StringComparison.Ordinal);
        Assert.Contains("slice_us=500 is outside 1000 to 5000", SliceRefusal(500).Message, StringComparison.Ordinal);
        Assert.Contains("4 threads are named, at most 2", Refusal(new Selector { Namespace = "free5gc" }, ttl: 60).Message, StringComparison.Ordinal);
        _rig.SetSlice(Selector.OfPids([10]), 1000, ttl: 60);
        Assert.Contains("1 changes are active, at most 1 can be", Refusal(Selector.OfPids([20]), ttl: 60).Message, StringComparison.Ordinal);
        _rig.SetSlice(Selector.OfPids([10]), 1000, ttl: 60);
        Assert.Contains("2 changes were made within the last minute", SliceRefusal(1000).Message, StringComparison.Ordinal);
        _rig.Time.Advance(TimeSpan.FromSeconds(61));
        _rig.SetSlice(Selector.OfPids([10]), 1000, ttl: 60);
    }

    [Fact]
    public void A_large_change_must_be_confirmed_once()
    {
        _rig.Limit(new OperatorLimits { ConfirmAbovePods = 1 });
        var selector = new Selector { Namespace = "free5gc" };
        var refusal = Refusal(selector);
        Assert.Equal((RejectionCause.Unconfirmed, "it covers 2 pods, more than 1"), (refusal.Cause, refusal.Message));
        Assert.Equal("it covers 2 pods, more than 1", _rig.Intents.Preview(Request(selector, "agent")).Unconfirmed);
        _rig.Intents.Apply(Request(selector, "agent") with { Confirmed = true });
        Assert.True(Apply(selector, "agent").AlreadyActive);
    }

    private static IntentRequest Request(Selector selector, string author, SchedulingClass schedulingClass = SchedulingClass.High, int ttl = 600) =>
        new() { Selector = selector, Effect = IntentEffect.OfClass(schedulingClass), Author = author, TtlSeconds = ttl };

    private ApplyResult Apply(Selector selector, string author, SchedulingClass schedulingClass = SchedulingClass.High, bool replaces = false) =>
        _rig.Intents.Apply(Request(selector, author, schedulingClass) with { Replaces = replaces });

    private IntentRejectedException Refusal(Selector selector, int ttl = 600) =>
        Assert.Throws<IntentRejectedException>(() => _rig.Intents.Apply(Request(selector, "agent", ttl: ttl)));

    private IntentRejectedException SliceRefusal(int sliceUs) =>
        Assert.Throws<IntentRejectedException>(() => _rig.SetSlice(Selector.OfPids([10]), sliceUs, ttl: 60));
}
