using Coxswain.Core.Intents;
using Coxswain.Core.Intents.State;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents.State;

/// <summary>What returns after this program was started anew, and what does not.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public RestoreTests()
    {
        _rig.Machine.Start(10, "upf", "rx");
        _rig.StartInPod(100, "web", "shop", "web-0", ("app", "web"));
        _rig.Intents.StartSaving();
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Everything_that_a_change_is_returns_for_the_rest_of_its_lifetime()
    {
        var effect = new IntentEffect(SchedulingClass.High, 2000) { BudgetPercent = 30, Cpus = CpuChoice.TryParse("1-2", isHard: true) };
        var before = _rig.Intents.Apply(new IntentRequest
        {
            Selector = new Selector { Namespace = "shop", Labels = "app=web", PodNames = ["web-0"], Command = "web|worker" },
            Effect = effect,
            TtlSeconds = 600,
            Author = "agent",
            Reason = "slow checkout",
        }).Change;
        _rig.Time.Advance(TimeSpan.FromSeconds(100));

        var after = Assert.Single(Restart().Restored);
        Assert.Equal(
            (before.Id, before.CreatedAt, before.ExpiresAt, 500, before.Specificity),
            (after.Id, after.CreatedAt, after.ExpiresAt, after.Request.TtlSeconds, after.Specificity));
        Assert.Equal((before.Request.Selector, effect, "agent", "slow checkout"), (after.Request.Selector, after.Request.Effect, after.Request.Author, after.Request.Reason));
        Assert.True(after.Number > before.Number);
        Assert.Equal((SchedulingClass.High, 2000), (_rig.ClassOf(101), _rig.SliceOf(101)));
        _rig.Time.Advance(TimeSpan.FromSeconds(501));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void What_expired_meanwhile_does_not_return()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 60);
        var saved = _rig.Saved!;
        _rig.Intents.Dispose();
        _rig.Time.Advance(TimeSpan.FromSeconds(61));
        var result = Restart(saved);
        Assert.Equal((0, 0, 1), (result.Restored.Count, result.Refused.Count, result.Expired));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void What_was_reverted_does_not_return()
    {
        _rig.Intents.Revert([_rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).Change.Id]);
        Assert.Empty(Restart().Restored);
    }

    [Fact]
    public void The_winner_of_two_changes_still_wins()
    {
        _rig.Prioritize(new Selector { Labels = "app=web" }, SchedulingClass.Low);
        _rig.Prioritize(new Selector { Labels = "app" }, SchedulingClass.High);
        Assert.Equal(2, Restart().Restored.Count);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(100));
    }

    [Fact]
    public void Processes_return_within_one_boot_only()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        var result = Restart(bootId: "boot-2");
        Assert.Equal("it names processes of an earlier boot", Assert.Single(result.Refused).Why);
        Assert.Equal(EndCause.NotRestored, Assert.Single(_rig.Intents.Changes(includeEnded: true)).EndCause);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void Pods_return_after_another_boot()
    {
        _rig.Prioritize(new Selector { Labels = "app=web" }, SchedulingClass.Low);
        Assert.Single(Restart(bootId: "boot-2").Restored);
        Assert.Equal(SchedulingClass.Low, _rig.ClassOf(100));
    }

    [Fact]
    public void A_stranger_with_the_number_of_a_named_process_gets_nothing()
    {
        _rig.Machine.Start(20, "smf");
        _rig.Prioritize(Selector.OfPids([10, 20]), SchedulingClass.High);
        _rig.Machine.End(10);
        _rig.Machine.Start(10, "stranger");
        Assert.Equal([20], Assert.Single(Restart().Restored).Request.Selector.Pids);
        Assert.Equal((SchedulingClass.Unset, SchedulingClass.High), (_rig.ClassOf(10), _rig.ClassOf(20)));
    }

    [Fact]
    public void A_single_thread_that_was_named_returns_alone()
    {
        _rig.Prioritize(Selector.OfPids([11]), SchedulingClass.High);
        Assert.Single(Restart().Restored);
        Assert.Equal((SchedulingClass.Unset, SchedulingClass.High), (_rig.ClassOf(10), _rig.ClassOf(11)));
    }

    [Fact]
    public void Present_limits_hold_for_what_returns()
    {
        _rig.SetSlice(Selector.OfPids([10]), 50_000);
        var result = Restart(limits: OperatorLimits.Default with { MaxSliceUs = 10_000 });
        Assert.Equal("slice_us=50000 is outside 100 to 10000 (limits min_slice_us, max_slice_us, set by the operator)", Assert.Single(result.Refused).Why);
    }

    [Fact]
    public void A_lifetime_is_cut_to_the_present_maximum()
    {
        _rig.SetSlice(Selector.OfPids([10]), 1000, ttl: 600);
        Assert.Equal(60, Assert.Single(Restart(limits: OperatorLimits.Default with { MaxTtlSeconds = 60 }).Restored).Request.TtlSeconds);
    }

    [Fact]
    public void Pods_that_are_gone_are_named()
    {
        _rig.Prioritize(new Selector { PodNames = ["web-0"] }, SchedulingClass.Low);
        _rig.Pods.End("shop", "web-0");
        _rig.StartInPod(200, "api", "shop", "api-0");
        Assert.Equal("no pod 'web-0' on this machine; pods there: api-0", Assert.Single(RestartLater().Refused).Why);
    }

    [Fact]
    public void What_was_bound_to_its_pods_is_bound_to_the_same()
    {
        _rig.Intents.Apply(new IntentRequest { Selector = new Selector { Labels = "app=web" }, Effect = IntentEffect.OfSlice(1000), UntilPodsEnd = true });
        _rig.StartInPod(200, "web", "shop", "web-1", ("app", "web"));
        Restart();
        Assert.Equal((1000, 0), (_rig.SliceOf(100), _rig.SliceOf(200)));
        _rig.Pods.End("shop", "web-0");
        Assert.Equal("all pods that it was bound to have ended", Assert.Single(RestartLater().Refused).Why);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_date_that_was_set_meanwhile_prolongs_nothing(int seconds)
    {
        _rig.SetSlice(Selector.OfPids([10]), 1000, ttl: 600);
        var saved = _rig.Saved!;
        // The date of then was later, or earlier, than that of now says.
        var shifted = saved with
        {
            SavedAt = saved.SavedAt.AddSeconds(-seconds),
            Changes = [.. saved.Changes.Select(change => change with { ExpiresAt = change.ExpiresAt.AddSeconds(-seconds) })],
        };
        var result = Restart(shifted);
        Assert.All(result.Restored, change => Assert.InRange(change.Request.TtlSeconds, 1, 600));
        Assert.Equal(seconds < 0 ? 1 : 0, result.Restored.Count);
    }

    [Fact]
    public void After_another_boot_with_an_earlier_date_nothing_returns()
    {
        _rig.Prioritize(new Selector { Labels = "app=web" }, SchedulingClass.Low);
        var saved = _rig.Saved! with { SavedAt = _rig.Time.GetUtcNow().AddSeconds(10) };
        Assert.StartsWith("the clock shows an earlier time", Assert.Single(Restart(saved, "boot-2").Refused).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_and_the_rest_returns()
    {
        _rig.SetSlice(Selector.OfPids([10]), 1000);
        var good = Assert.Single(_rig.Saved!.Changes);
        var result = Restart(_rig.Saved with
        {
            Changes =
            [
                good with { Id = "chg_a", SliceUs = -5 }, good with { Id = "chg_b", Cpus = "x-y" }, good with { Id = "chg_c", Class = (SchedulingClass)99 },
                good with { Id = "chg_d", Command = "(" }, good with { Id = "chg_e", Tasks = [], Command = "" }, good,
            ],
        });
        Assert.Equal(["chg_a", "chg_b", "chg_c", "chg_d", "chg_e"], result.Refused.Select(refused => refused.Id));
        Assert.Equal(good.Id, Assert.Single(result.Restored).Id);
    }

    [Fact]
    public void Without_a_scheduler_nothing_is_restored_and_nothing_lost()
    {
        _rig.SetSlice(Selector.OfPids([10]), 1000);
        var saved = _rig.Saved!;
        _rig.Restart();
        _rig.Kernel.Eject("runnable task stall");
        Assert.Equal(RejectionCause.NotAttached, Assert.Throws<IntentRejectedException>(() => _rig.Intents.Restore(saved)).Cause);
        _rig.Kernel.AttachAgain();
        Assert.Single(_rig.Intents.Restore(saved).Restored);
    }

    [Fact]
    public void What_ends_with_this_program_is_kept_for_its_next_run()
    {
        _rig.SetSlice(Selector.OfPids([10]), 1000);
        _rig.Intents.StopSaving();
        _rig.Kernel.Eject("stopped");
        _rig.Intents.FollowScheduler();
        Assert.Equal(0, _rig.Intents.ActiveCount);
        Assert.Single(_rig.Saved!.Changes);
    }

    [Fact]
    public void A_dry_run_saves_nothing()
    {
        _rig.SetSlice(Selector.OfPids([10]), 1000);
        var saved = _rig.Saved;
        _rig.Intents.Preview(new IntentRequest { Selector = Selector.OfPids([10]), Effect = IntentEffect.OfSlice(5000) });
        Assert.Same(saved, _rig.Saved);
    }

    // So much later that the runtime is asked again, and nothing that runs has noticed.
    private RestoreResult RestartLater()
    {
        _rig.Intents.Dispose();
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        return Restart();
    }

    private RestoreResult Restart(SavedState? saved = null, string bootId = "boot-1", OperatorLimits? limits = null)
    {
        _rig.Restart(bootId, limits);
        var result = _rig.Intents.Restore(saved ?? _rig.Saved!);
        _rig.Intents.StartSaving();
        return result;
    }
}
