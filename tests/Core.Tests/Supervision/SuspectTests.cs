using Coxswain.Core.Intents;
using Xunit;

namespace Coxswain.Core.Tests.Supervision;

/// <summary>What becomes of changes when the scheduler fails.</summary>
public sealed class SuspectTests : IDisposable
{
    private readonly SupervisorRig _rig = SupervisorRig.Started();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Changes_of_the_last_seconds_end_and_older_ones_are_in_force_again()
    {
        var old = _rig.Prioritize(10);
        _rig.Advance(60);
        var fresh = _rig.Prioritize(20);
        _rig.Advance(5);

        _rig.Stall();
        Assert.Equal((EndCause.Guard, EndCause.None), (CauseOf(fresh), CauseOf(old)));
        Assert.Empty(_rig.Kernel.Held);
        _rig.Advance(1);

        Assert.Equal([10, 11], _rig.Kernel.Held.Keys.Select(key => key.Tid).Order());
        Assert.Equal((EndCause.Guard, EndCause.None), (CauseOf(fresh), CauseOf(old)));
    }

    [Fact]
    public void A_renewal_counts_as_applying()
    {
        var change = _rig.Prioritize(10);
        var newest = _rig.Prioritize(20);
        _rig.Advance(60);
        _rig.Prioritize(10);

        _rig.Stall();

        Assert.Equal((EndCause.Guard, EndCause.Guard), (CauseOf(change), CauseOf(newest)));
    }

    [Fact]
    public void Each_failure_takes_the_newest_change_along_whatever_its_age_and_says_why()
    {
        var older = _rig.Prioritize(10);
        var newest = _rig.Prioritize(20);
        _rig.Advance(60);
        _rig.Stall();
        Assert.Equal((EndCause.None, EndCause.Guard), (CauseOf(older), CauseOf(newest)));
        var finding = _rig.Intents.Changes(includeEnded: true).Single(change => change.Id == newest.Id).Finding!;
        Assert.Equal(GuardTrigger.Ejected, finding.Trigger);
        Assert.StartsWith("the kernel ended the scheduler 60.2 s after it was asked for: runnable task stall", finding.Text, StringComparison.Ordinal);

        _rig.Advance(1);
        _rig.Stall();
        Assert.Equal(EndCause.Guard, CauseOf(older));
    }

    [Fact]
    public void A_restart_that_is_nobodys_fault_takes_no_change_along()
    {
        var change = _rig.Prioritize(10);
        _rig.Kernel.Eject("hotplug", 66, (1L << 48) | (1L << 32));
        _rig.Advance(0.25);
        _rig.Advance(1);

        Assert.Equal(EndCause.None, CauseOf(change));
        Assert.Equal(2, _rig.Kernel.Held.Count);
    }

    [Fact]
    public void A_change_expires_also_while_it_is_not_in_force()
    {
        var change = _rig.Prioritize(10, ttl: 100);
        _rig.Prioritize(20);
        _rig.Advance(60);
        _rig.Stall();
        _rig.Advance(1);
        Assert.Equal(2, _rig.Kernel.Held.Count);
        _rig.Advance(40);

        Assert.Equal(EndCause.Expired, CauseOf(change));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void When_it_is_given_up_all_changes_end_with_the_scheduler()
    {
        var change = _rig.Prioritize(10);
        for (var i = 0; i < 3; i++)
        {
            _rig.Intents.Apply(new IntentRequest { Selector = Selector.OfPids([20]), Effect = IntentEffect.OfSlice(1000 + i), Author = "agent" });
            _rig.Advance(60);
            _rig.Stall();
            _rig.Advance(5);
        }

        Assert.Equal(EndCause.SchedulerEnded, CauseOf(change));
    }

    [Fact]
    public void Nothing_can_be_changed_while_it_is_being_started_again_and_the_refusal_says_so()
    {
        _rig.Stall();

        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Prioritize(10));

        Assert.Equal(RejectionCause.NotAttached, refusal.Cause);
        Assert.Contains("Failure 1 of at most 3; it is started again within 1 s", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_was_stopped_and_started_on_request_has_none_of_the_old_changes()
    {
        var change = _rig.Prioritize(10);
        _rig.Supervisor.Stop();
        _rig.Advance(0.1);
        _rig.Supervisor.Start();
        _rig.Advance(1);

        Assert.Equal(EndCause.SchedulerEnded, CauseOf(change));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void A_change_that_is_reverted_while_it_is_not_in_force_does_not_come_back()
    {
        var change = _rig.Prioritize(10);
        _rig.Prioritize(20);
        _rig.Advance(60);
        _rig.Stall();
        _rig.Intents.Revert([change.Id]);
        _rig.Advance(1);

        Assert.True(_rig.Snapshot.Attached);
        Assert.Empty(_rig.Kernel.Held);
    }

    private EndCause CauseOf(Change change) => _rig.Intents.Changes(includeEnded: true).Single(other => other.Id == change.Id).EndCause;
}
