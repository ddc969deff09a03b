using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Guards;

/// <summary>The daemon's own guard: who is harmed by a change that does not touch it, and who only seems to be.</summary>
public sealed class BystanderTests : IDisposable
{
    private readonly GuardRig _rig = Observing(new GuardRig());

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_change_that_harms_a_bystander_is_taken_back_within_five_seconds_with_the_numbers()
    {
        var change = _rig.Prioritize(GuardRig.Job);
        Assert.Equal(2, _rig.Intents.Kernel.Held.Count + 1);
        _rig.Waits(GuardRig.Web, 24);

        Assert.InRange(_rig.SecondsUntilEnded(change.Id, most: 10), 2, 5);

        var ended = Assert.Single(_rig.Intents.EndedChanges);
        Assert.Equal((EndCause.Guard, GuardTrigger.Bystanders, "wait_p99_us", "others"), (ended.EndCause, ended.Finding!.Trigger, ended.Finding.Metric, ended.Finding.Workload));
        Assert.InRange(ended.Finding.BeforeUs!.Value, 4000, 4300);
        Assert.InRange(ended.Finding.MeasuredUs!.Value, 22_500, 24_000);
        Assert.InRange(ended.Finding.LimitUs!.Value, 8000, 8600);
        Assert.Equal((2, 2 * (100 + 100)), (ended.Finding.Seconds, ended.Finding.Samples));
        Assert.Matches(@"^the 99th percentile of run-queue waits of workloads that no change touches \(web, db\) rose from 4\.\d\d ms \(\d+ s, \d+ waits\) to 2[34]\.\d\d ms and more \(each of 2 s, 400 waits\), and 8\.\d\d ms are accepted$", ended.Finding.Text);
        Assert.Empty(_rig.Intents.Kernel.Held);
        Assert.Empty(_rig.Failures);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7.5)]
    public void What_gets_no_worse_than_twice_stays(double ms)
    {
        var change = _rig.Prioritize(GuardRig.Job);
        _rig.Waits(GuardRig.Web, ms);
        _rig.Pass(20);
        Assert.True(_rig.Now(change).IsActive);
        Assert.Equal(WatchState.Watching, _rig.StateOf(change));
    }

    [Fact]
    public void Short_waits_are_nobodys_harm()
    {
        using var rig = Observing(new GuardRig(), ms: 0.1);
        var change = rig.Prioritize(GuardRig.Job);
        rig.Waits(GuardRig.Web, 4.5);
        rig.Pass(20);
        Assert.True(rig.Now(change).IsActive);
    }

    [Fact]
    public void A_moment_is_no_harm()
    {
        var change = _rig.Prioritize(GuardRig.Job);
        for (var i = 0; i < 5; i++)
        {
            _rig.Waits(GuardRig.Web, 24);
            _rig.Pass(1);
            _rig.Waits(GuardRig.Web, 4);
            _rig.Pass(2);
        }

        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void What_was_as_bad_in_a_second_before_is_not_the_changes_doing()
    {
        _rig.Waits(GuardRig.Web, 30);
        _rig.Pass(1);
        _rig.Waits(GuardRig.Web, 4);
        _rig.Pass(5);
        var change = _rig.Prioritize(GuardRig.Job);
        _rig.Waits(GuardRig.Web, 24);
        _rig.Pass(20);
        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Those_that_a_change_touches_are_no_bystanders()
    {
        var change = _rig.Prioritize(GuardRig.Job);
        _rig.Waits(GuardRig.Job, 100);
        _rig.Pass(20);
        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Who_was_not_there_before_cannot_be_compared()
    {
        var change = _rig.Prioritize(GuardRig.Job);
        _rig.Intents.Machine.Start(40, "build");
        _rig.Intents.Observed.Add(40, "build");
        _rig.Waits(40, 100);
        _rig.Pass(20);
        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Few_waits_say_nothing_until_they_are_enough()
    {
        using var rig = new GuardRig();
        rig.Intents.Observer.Start();
        rig.Waits(GuardRig.Web, 4, times: 12);
        rig.Pass(10);
        var change = rig.Prioritize(GuardRig.Job);
        rig.Waits(GuardRig.Web, 24, times: 12);
        Assert.InRange(rig.SecondsUntilEnded(change.Id, most: 10), 5, 7.5);
        Assert.True(rig.Now(change).Finding!.Samples >= 50);
    }

    [Fact]
    public void Of_two_changes_the_newer_goes_first_and_the_older_only_where_that_does_not_help()
    {
        var older = _rig.Prioritize(GuardRig.Job);
        _rig.Pass(2.5);
        var newer = _rig.Prioritize(GuardRig.Db);
        _rig.Waits(GuardRig.Web, 24);
        _rig.SecondsUntilEnded(newer.Id, most: 5);
        Assert.True(_rig.Now(older).IsActive);

        _rig.SecondsUntilEnded(older.Id, most: 5);
        Assert.Equal(GuardTrigger.Bystanders, _rig.Now(older).Finding!.Trigger);
    }

    [Fact]
    public void Where_the_newer_one_was_it_the_older_stays()
    {
        var older = _rig.Prioritize(GuardRig.Job);
        _rig.Pass(5);
        var newer = _rig.Prioritize(GuardRig.Db);
        _rig.Waits(GuardRig.Web, 24);
        _rig.SecondsUntilEnded(newer.Id, most: 5);
        _rig.Waits(GuardRig.Web, 4);
        _rig.Pass(20);
        Assert.True(_rig.Now(older).IsActive);
    }

    [Fact]
    public void What_is_asked_for_again_at_once_is_watched_again()
    {
        var change = _rig.Prioritize(GuardRig.Job);
        _rig.Waits(GuardRig.Web, 24);
        _rig.SecondsUntilEnded(change.Id, most: 5);
        var again = _rig.Prioritize(GuardRig.Job);
        _rig.SecondsUntilEnded(again.Id, most: 5);
    }

    [Fact]
    public void After_its_time_a_change_is_blamed_for_nothing_more()
    {
        var change = _rig.Prioritize(GuardRig.Job);
        _rig.Pass(65);
        Assert.Equal(WatchState.Passed, _rig.StateOf(change));
        _rig.Waits(GuardRig.Web, 24);
        _rig.Pass(20);
        Assert.True(_rig.Now(change).IsActive);
    }

    [Fact]
    public void Where_nothing_was_measured_before_it_only_says_so_and_measures_from_then_on()
    {
        using var rig = new GuardRig();
        rig.Waits(GuardRig.Web, 4);
        var change = rig.Prioritize(GuardRig.Job);
        rig.Waits(GuardRig.Web, 24);
        rig.Pass(20);
        Assert.Equal((true, WatchState.NothingBefore), (rig.Now(change).IsActive, rig.StateOf(change)));
        Assert.True(rig.Intents.Observer.State.Running);

        var next = rig.Prioritize(GuardRig.Db);
        rig.Pass(2);
        Assert.Equal(WatchState.Watching, rig.StateOf(next));
    }

    [Fact]
    public async Task Clients_at_work_make_it_measure_before_they_change_something()
    {
        using var rig = new GuardRig();
        rig.Guards.ExpectChange();
        for (var i = 0; i < 1000 && !rig.Intents.Observer.State.Running; i++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.True(rig.Intents.Observer.State.Running);
        rig.Pass(Observer.IdleLimit.TotalSeconds + 5);
        Assert.False(rig.Intents.Observer.State.Running);
    }

    [Fact]
    public void Nothing_is_measured_while_no_change_is_active_and_nobody_is_at_work()
    {
        using var rig = new GuardRig();
        rig.Guards.Start();
        rig.Pass(10);
        Assert.False(rig.Intents.Observed.Started);
    }

    [Fact]
    public void If_the_operator_wants_it_waits_are_measured_always()
    {
        using var rig = new GuardRig(new GuardOptions { Observing = GuardObserving.Always });
        rig.Guards.Start();
        rig.Pass(Observer.IdleLimit.TotalSeconds + 60);
        Assert.True(rig.Intents.Observer.State.Running);
    }

    [Fact]
    public void The_operator_can_switch_it_off()
    {
        using var rig = Observing(new GuardRig(new GuardOptions { Enabled = false }));
        var change = rig.Prioritize(GuardRig.Job);
        rig.Waits(GuardRig.Web, 500);
        rig.Pass(20);
        Assert.Equal((true, WatchState.Off), (rig.Now(change).IsActive, rig.StateOf(change)));
    }

    [Fact]
    public void Where_waits_cannot_be_measured_changes_are_made_all_the_same_and_it_says_why()
    {
        using var rig = new GuardRig();
        rig.Intents.Observed.Refusal = new ObserverUnavailableException("no BTF");
        var change = rig.Prioritize(GuardRig.Job);
        rig.Pass(60);
        Assert.Equal((true, WatchState.Off, "no BTF"), (rig.Now(change).IsActive, rig.StateOf(change), rig.Guards.Status.Problem));
    }

    private static GuardRig Observing(GuardRig rig, double ms = 4)
    {
        rig.Intents.Observer.Start();
        rig.Waits(GuardRig.Job, 1);
        rig.Waits(GuardRig.Web, ms);
        rig.Waits(GuardRig.Db, Math.Min(ms, 1));
        rig.Pass(8);
        return rig;
    }
}
