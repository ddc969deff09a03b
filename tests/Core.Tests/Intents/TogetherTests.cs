using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

/// <summary>What several requests cover together.</summary>
public sealed class TogetherTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public TogetherTests()
    {
        _rig.Limit(OperatorLimits.Default with { ConfirmAboveTasks = 3, ConfirmAbovePods = 1 });
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(20, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.Machine.Start(30, "sshd");
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Requests_that_are_small_each_and_large_together_must_be_confirmed() =>
        Assert.Equal("its 2 entries together cover 4 threads, more than 3", _rig.Intents.Unconfirmed([Of("^upf$"), Of("^smf$")]));

    [Fact]
    public void One_request_is_as_large_as_it_is_by_itself()
    {
        Assert.Equal("it covers 4 threads, more than 3", _rig.Intents.Unconfirmed([Of("upf|smf")]));
        Assert.Equal(_rig.Intents.Preview(Of("upf|smf")).Unconfirmed, _rig.Intents.Unconfirmed([Of("upf|smf")]));
    }

    [Fact]
    public void A_thread_counts_once() => Assert.Equal("", _rig.Intents.Unconfirmed([Of("^upf$"), Of("^up"), Of("pf$")]));

    [Fact]
    public void Pods_count_too() =>
        Assert.Equal(
            "its 2 entries together cover 2 pods, more than 1",
            _rig.Intents.Unconfirmed([Of("^upf$") with { Selector = OnlyLeader("upf") }, Of("^smf$") with { Selector = OnlyLeader("smf") }]));

    [Fact]
    public void What_is_refused_anyway_counts_nothing()
    {
        _rig.Prioritize(new Selector { PodNames = ["smf-0"] }, SchedulingClass.Low, author: "somebody else");
        var conflicting = Of("") with { Selector = new Selector { PodNames = ["smf-0"] } };
        Assert.Equal("", _rig.Intents.Unconfirmed([Of("^upf$"), Of("^sshd$"), Of("^nobody$"), Of("("), Of("^smf$") with { TtlSeconds = 0 }, conflicting]));
        Assert.NotEqual("", _rig.Intents.Unconfirmed([Of("^upf$"), conflicting with { Replaces = true }]));
    }

    [Fact]
    public void What_is_renewed_has_been_confirmed()
    {
        _rig.Intents.Apply(Of("^upf$"));
        Assert.Equal("", _rig.Intents.Unconfirmed([Of("^upf$"), Of("^smf$")]));
    }

    [Fact]
    public void Without_a_scheduler_nothing_is_covered()
    {
        _rig.Kernel.Eject("gone");
        Assert.Equal("", _rig.Intents.Unconfirmed([Of("upf|smf")]));
    }

    [Fact]
    public void Looking_changes_nothing()
    {
        _rig.Intents.Unconfirmed([Of("^upf$"), Of("^smf$")]);
        Assert.Equal((0, 0, 0), (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications));
        Assert.Empty(_rig.Intents.Changes(includeEnded: true));
    }

    private static IntentRequest Of(string command) =>
        new() { Selector = Selector.OfCommand(command), Effect = IntentEffect.OfClass(SchedulingClass.Low), Author = "agent" };

    // One thread of two, so that only the pods are too many.
    private static Selector OnlyLeader(string app) => new() { Labels = $"app={app}", Command = "^worker$" };
}
