using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Guards;

/// <summary>Guards that changes have of their own.</summary>
public sealed class ConditionTests : IDisposable
{
    // The daemon's own is off: what happens here is the doing of the change's.
    private readonly GuardRig _rig = new(new GuardOptions { Enabled = false });

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_change_is_taken_back_when_its_workload_is_worse_off_for_as_long_as_it_says()
    {
        _rig.Waits(GuardRig.Web, 1);
        var change = _rig.Prioritize(GuardRig.Job, Guard("command:^web$", worseThan: 5000, seconds: 2));
        _rig.Pass(10);
        Assert.True(_rig.Now(change).IsActive);
        _rig.Waits(GuardRig.Web, 20);
        Assert.InRange(_rig.SecondsUntilEnded(change.Id, most: 10), 2, 3.5);

        var finding = _rig.Now(change).Finding!;
        Assert.Equal((GuardTrigger.Condition, "wait_p99_us", "command:^web$", 2), (finding.Trigger, finding.Metric, finding.Workload, finding.Seconds));
        Assert.InRange(finding.MeasuredUs!.Value, 19_000, 20_000);
        Assert.Matches(@"^wait_p99_us of command:\^web\$ was (19|20)\d{3} and more in each of 2 s \(\d+ waits\), and its guard accepts 5000$", finding.Text);
        Assert.Empty(_rig.Intents.Kernel.Held);
    }

    [Fact]
    public void Worse_and_better_in_turns_is_not_worse_in_a_row()
    {
        var change = _rig.Prioritize(GuardRig.Job, Guard("command:^web$", worseThan: 5000, seconds: 2));
        for (var i = 0; i < 10; i++)
        {
            _rig.Waits(GuardRig.Web, 20);
            _rig.Pass(1);
            _rig.Waits(GuardRig.Web, 1);
            _rig.Pass(1);
        }

        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Only_its_workload_counts()
    {
        var change = _rig.Prioritize(GuardRig.Job, Guard("pid:20", worseThan: 5000, seconds: 2));
        _rig.Waits(GuardRig.Db, 100);
        _rig.Waits(GuardRig.Job, 100);
        _rig.Pass(10);
        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Others_are_all_that_no_change_touches()
    {
        var change = _rig.Prioritize(GuardRig.Job, Guard("others", worseThan: 5000, seconds: 2));
        _rig.Waits(GuardRig.Job, 100);
        _rig.Pass(10);
        Assert.True(_rig.Now(change).IsActive);
        _rig.Waits(GuardRig.Db, 100);
        _rig.SecondsUntilEnded(change.Id, most: 5);
    }

    [Fact]
    public void Who_never_gets_a_CPU_is_seen_too()
    {
        var change = _rig.Prioritize(GuardRig.Job, Guard("command:^web$", worseThan: 5000, seconds: 2));
        for (var i = 1; i <= 20 && _rig.Now(change).IsActive; i++)
        {
            _rig.Intents.Observed.Starve(GuardRig.Web, i * 250_000_000L);
            _rig.Pass(0.25);
        }

        Assert.Equal(EndCause.Guard, _rig.Now(change).EndCause);
    }

    [Fact]
    public void Another_condition_for_the_same_change_is_judged_anew()
    {
        _rig.Waits(GuardRig.Web, 20);
        var change = _rig.Prioritize(GuardRig.Job, Guard("command:^web$", worseThan: 5000, seconds: 10));
        _rig.Pass(9);
        var again = _rig.Prioritize(GuardRig.Job, Guard("command:^web$", worseThan: 50_000, seconds: 10));
        Assert.Equal(change.Id, again.Id);
        _rig.Pass(20);
        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Where_waits_cannot_be_measured_it_is_refused_and_nothing_is_changed()
    {
        _rig.Intents.Observed.Refusal = new ObserverUnavailableException("no BTF");
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Prioritize(GuardRig.Job, Guard("others")));
        Assert.Equal((RejectionCause.Unobservable, "guard cannot be watched: no BTF"), (refusal.Cause, refusal.Message));
        Assert.Equal((0, 0), (_rig.Intents.Kernel.Held.Count, _rig.Intents.Intents.ActiveCount));
    }

    [Theory]
    [InlineData("command:^wen$")]
    [InlineData("pid:4242")]
    [InlineData("labels:app=web")]
    public void A_workload_that_is_not_there_is_refused(string workload)
    {
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Prioritize(GuardRig.Job, Guard(workload)));
        Assert.Equal($"guard.workload=\"{workload}\" names no thread that runs here, so that the guard would never act", refusal.Message);
        Assert.Empty(_rig.Intents.Kernel.Held);
    }

    [Theory]
    [InlineData("web")]
    [InlineData("command:")]
    [InlineData("node:1")]
    [InlineData("pid:x")]
    [InlineData("pod:a/b/c")]
    public void A_workload_that_cannot_be_read_is_told_with_what_can(string text)
    {
        Assert.Null(GuardWorkload.TryParse(text, out var problem));
        Assert.Equal($"=\"{text}\" must be others, or pod:NAMESPACE/NAME, labels:EXPRESSIONS, pid:IDS, command:REGEX, cgroup:PATH or unit:NAME", problem);
    }

    [Theory]
    [InlineData("command:(")]
    [InlineData("pid:0")]
    [InlineData("labels:a in (")]
    [InlineData("cgroup:relative")]
    public void One_that_names_nothing_that_can_be_is_told_as_it_is_for_changes(string text)
    {
        Assert.Null(GuardWorkload.TryParse(text, out var problem));
        Assert.StartsWith(": ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_are_told()
    {
        var guard = new IntentGuard(ObservedMeasure.Cpu, GuardWorkload.Others, 0, 61);
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Prioritize(GuardRig.Job, guard));
        Assert.Equal(
            "guard.metric must be wait_p99_us, wait_p90_us, wait_p50_us; guard.worse_than_us=0 is outside 1 to 8000000; guard.for_seconds=61 is outside 1 to 60",
            refusal.Message);
    }

    [Fact]
    public void No_more_are_taken_than_can_be_watched()
    {
        for (var pid = 100; pid < 100 + IntentLimits.MaxGuards; pid++)
        {
            _rig.Intents.Machine.Start(pid, "other");
            _rig.Prioritize(pid, Guard("others"));
        }

        _rig.Prioritize(100, Guard("others"));
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Prioritize(GuardRig.Job, Guard("others")));
        Assert.Equal("16 changes with a guard are active, and no more can be watched; revert one first, or give no guard", refusal.Message);
        _rig.Prioritize(GuardRig.Job);
    }

    [Fact]
    public void A_guard_is_a_part_of_what_a_plan_is_for()
    {
        var request = new IntentRequest { Selector = Selector.OfPids([GuardRig.Job]), Effect = IntentEffect.OfSlice(1000), Author = "agent" };
        var plan = _rig.Intents.Intents.Preview(request with { Guard = Guard("others") });
        Assert.Throws<IntentRejectedException>(() => _rig.Intents.Intents.Apply(request, plan.PlanId));
        Assert.Equal("others", _rig.Intents.Intents.Apply(request with { Guard = Guard("others") }, plan.PlanId).Change.Request.Guard!.Workload.Text);
    }

    [Fact]
    public void It_survives_a_restart_and_more_time()
    {
        var guard = Guard("command:^web$", worseThan: 7000, seconds: 4);
        _rig.Intents.Intents.StartSaving();
        var change = _rig.Prioritize(GuardRig.Job, guard);
        _rig.Intents.Intents.Extend(change.Id, 1200);
        var saved = _rig.Intents.Saved!;

        _rig.Intents.Restart();
        var restored = Assert.Single(_rig.Intents.Intents.Restore(saved).Restored);
        Assert.Equal(guard, restored.Request.Guard);
    }

    [Fact]
    public void After_a_restart_that_cannot_measure_it_does_not_return_without_its_guard()
    {
        _rig.Intents.Intents.StartSaving();
        _rig.Prioritize(GuardRig.Job, Guard("others"));
        var saved = _rig.Intents.Saved!;
        _rig.Intents.Observer.Dispose();
        _rig.Intents.Observed.Refusal = new ObserverUnavailableException("no BTF");

        _rig.Intents.Restart();
        var refused = Assert.Single(_rig.Intents.Intents.Restore(saved).Refused);
        Assert.Equal("its guard cannot be watched: no BTF", refused.Why);
    }

    private static IntentGuard Guard(string workload, int worseThan = 5000, int seconds = 3) =>
        new(ObservedMeasure.WaitP99, GuardWorkload.TryParse(workload, out var problem) ?? throw new ArgumentException(problem), worseThan, seconds);
}
