using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Experiments;
using Coxswain.Core.Safety;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Intents.Experiments;

/// <summary>However an experiment ends, the kernel is as it was before, or has what was to be kept.</summary>
public sealed class ExperimentLifecycleTests : IDisposable
{
    private readonly IntentRig _rig = new();
    private readonly FakeObserverPort _port = new();
    private readonly Observer _observer;
    private readonly List<ExperimentProgress> _progress = [];
    private readonly CancellationTokenSource _cancel = new();
    private ExperimentService _experiments;
    private double _gain = 0.5;
    private int _cost = 1;

    public ExperimentLifecycleTests()
    {
        _rig.Machine.Start(10, "web", "worker");
        _rig.Machine.Start(20, "batch");
        _port.Add(10, "web");
        _port.Add(20, "batch");
        _observer = new Observer(() => _port, _rig.Machine, _rig.Time);
        _experiments = Service();
    }

    public void Dispose()
    {
        _cancel.Dispose();
        _observer.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public async Task What_is_better_by_what_was_asked_for_is_kept_for_its_lifetime()
    {
        var result = await FinishAsync(Start(keep: 20));
        Assert.Equal((ExperimentOutcome.Kept, ComparisonVerdict.Better, 12), (result.Outcome, result.Effect!.Verdict, result.Periods));
        Assert.Equal(-0.5, result.Effect.Difference!.Value, 0.05);
        Assert.Equal(300, result.Change!.Request.TtlSeconds);
        Assert.Equal(result.Change.Id, Assert.Single(_rig.Intents.Changes(includeEnded: false)).Id);
        Assert.Equal(SchedulingClass.High, _rig.ClassOf(10));
        _rig.Time.Advance(TimeSpan.FromSeconds(301));
        AssertAsBefore();
    }

    [Theory]
    [InlineData(0.5, null, "nothing was said of keeping it")]
    [InlineData(0.5, 80, "better by")]
    [InlineData(0, 20, "no clear difference")]
    [InlineData(-0.5, 20, "clearly worse")]
    public async Task Everything_else_is_reverted_with_the_reason(double gain, int? keep, string why)
    {
        _gain = gain;
        var result = await FinishAsync(Start(keep: keep));
        Assert.Equal(ExperimentOutcome.Reverted, result.Outcome);
        Assert.Contains(why, result.Why, StringComparison.Ordinal);
        AssertAsBefore();
    }

    [Theory]
    [InlineData(3, ComparisonVerdict.Worse)]
    [InlineData(1, ComparisonVerdict.NoClearDifference)]
    public async Task What_it_costs_bystanders_is_told(int cost, ComparisonVerdict verdict)
    {
        _cost = cost;
        var result = await FinishAsync(Start(keep: 20));
        Assert.Equal((ExperimentOutcome.Kept, verdict), (result.Outcome, result.BystanderWait!.Verdict));
        Assert.Equal(ComparisonVerdict.NoClearDifference, result.BystanderCpu!.Verdict);
    }

    [Fact]
    public async Task A_workload_that_does_nothing_gives_too_few_samples()
    {
        var result = await FinishAsync(Start(keep: 20, workload: Selector.OfCommand("^nobody$")));
        Assert.True(result.Effect!.TooFewSamples);
        Assert.Contains("too few samples", result.Why, StringComparison.Ordinal);
        AssertAsBefore();
    }

    [Fact]
    public async Task Half_of_the_periods_are_on_and_what_is_tried_is_in_force_then_and_only_then()
    {
        var running = Start();
        Dictionary<bool, int> seconds = new() { [true] = 0, [false] = 0 };
        while (!running.IsCompleted)
        {
            var isOn = _rig.ClassOf(10) == SchedulingClass.High;
            Assert.Equal(_progress[^1].IsOn, isOn);
            Assert.Equal(SchedulingClass.Unset, _rig.ClassOf(20));
            seconds[isOn]++;
            Step();
        }

        await running;
        Assert.InRange((double)seconds[true] / seconds[false], 0.9, 1.1);
        Assert.Equal(_progress.Select(one => one.Seconds).Order(), _progress.Select(one => one.Seconds));
        Assert.Equal((12, 48), (_progress[^1].Period, _progress[^1].TotalSeconds));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(25)]
    [InlineData(43)]
    public async Task Cancelled_at_any_time_it_is_reverted(int second)
    {
        var running = Start(keep: 1);
        Steps(second * 4);
        await _cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FinishAsync(running));
        AssertAsBefore();
        Assert.Equal(0, _experiments.RunningCount);
        Steps(40);
        AssertAsBefore();
    }

    [Fact]
    public async Task Whoever_reverts_everything_ends_it_also_while_it_is_off()
    {
        var running = Start();
        StepsUntil(isOn: false);
        await _experiments.StopAsync("somebody else", "all changes were reverted");
        Assert.Equal(1, _experiments.RunningCount);
        await _experiments.StopAsync(null, "all changes were reverted");
        var result = await FinishAsync(running);
        Assert.Equal((ExperimentOutcome.Stopped, "all changes were reverted"), (result.Outcome, result.Why));
        Assert.Null(result.Effect);
        AssertAsBefore();
    }

    [Fact]
    public async Task Whoever_reverts_its_change_ends_it()
    {
        var running = Start();
        StepsUntil(isOn: true);
        _rig.Intents.Revert([Assert.Single(_rig.Intents.Changes(includeEnded: false)).Id]);
        var result = await FinishAsync(running);
        Assert.Equal(ExperimentOutcome.Stopped, result.Outcome);
        Assert.Contains("was ended meanwhile", result.Why, StringComparison.Ordinal);
        AssertAsBefore();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scheduler_that_is_gone_ends_it(bool isOn)
    {
        var running = Start();
        StepsUntil(isOn);
        _rig.Kernel.Eject("runnable task stall");
        Assert.Equal(ExperimentOutcome.Stopped, (await FinishAsync(running)).Outcome);
        AssertAsBefore();
    }

    [Fact]
    public async Task A_server_that_stops_ends_it_and_takes_no_more()
    {
        var running = Start();
        StepsUntil(isOn: true);
        await _experiments.CloseAsync();
        AssertAsBefore();
        Assert.Equal("this server stops", (await FinishAsync(running)).Why);
        await Assert.ThrowsAsync<IntentRejectedException>(() => Start());
    }

    [Fact]
    public async Task Should_this_program_die_the_kernel_ends_what_is_tried_soon_and_it_does_not_return()
    {
        _rig.Intents.StartSaving();
        var running = Start();
        StepsUntil(isOn: true);
        Assert.InRange(_rig.Kernel.Of(10)!.Value.ClassExpiresNs - (ulong)(_rig.Time.GetElapsedTime(0).Ticks * 100), 1ul, 24_000_000_000ul);
        Assert.Empty(_rig.Saved!.Changes);
        await _cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FinishAsync(running));
    }

    [Fact]
    public async Task Two_with_some_of_the_same_threads_never_run_at_one_time()
    {
        _rig.Machine.Start(30, "web2");
        var running = Start();
        var refusal = await Assert.ThrowsAsync<IntentRejectedException>(() => Start(of: Selector.OfPids([11])));
        Assert.Contains("goes on with some of the same threads, e.g. 11 (worker)", refusal.Message, StringComparison.Ordinal);
        // Also when it would only measure them.
        await Assert.ThrowsAsync<IntentRejectedException>(() => Start(of: Selector.OfPids([20]), workload: Selector.OfCommand("^web$")));
        var beside = Start(of: Selector.OfPids([20]), workload: Selector.OfPids([30]));
        Assert.Equal(2, _experiments.RunningCount);
        await FinishAsync(running);
        await FinishAsync(beside);
        await FinishAsync(Start(of: Selector.OfPids([11])));
        AssertAsBefore();
    }

    [Fact]
    public async Task More_than_four_at_one_time_are_refused()
    {
        for (var pid = 30; pid < 30 + ExperimentService.MaxRunning; pid++)
        {
            _rig.Machine.Start(pid, $"other{pid}");
            _ = Start(of: Selector.OfPids([pid]));
        }

        Assert.Contains("at most 4 can", (await Assert.ThrowsAsync<IntentRejectedException>(() => Start())).Message, StringComparison.Ordinal);
        await _cancel.CancelAsync();
    }

    [Fact]
    public async Task What_cannot_be_applied_is_refused_before_anything_is_changed()
    {
        await RefusedAsync("protected", new ExperimentRequest { Intent = Intent(Selector.OfPids([1])), Design = Design() });
        await RefusedAsync("does not exist", new ExperimentRequest { Intent = Intent(Selector.OfPids([12345])), Design = Design() });
        await RefusedAsync("must be even", new ExperimentRequest { Intent = Intent(), Design = Design() with { Periods = 13 } });
        await RefusedAsync("keep_if_better_pct=0", new ExperimentRequest { Intent = Intent(), Design = Design(), KeepIfBetterPercent = 0 });
        await RefusedAsync("cannot be measured by uid", new ExperimentRequest { Intent = Intent(new Selector { Uid = 5 }), Design = Design() });
        await RefusedAsync("cannot be measured by uid, exe:", new ExperimentRequest { Intent = Intent(), Design = Design(), Workload = Selector.OfCommand("exe:/bin/web") });
        _rig.Prioritize(Selector.OfCommand("^web$"), SchedulingClass.High, author: "agent");
        await RefusedAsync("does this already", new ExperimentRequest { Intent = Intent(), Design = Design() });
    }

    [Theory]
    [InlineData(7, 120, "limit max_ttl_seconds")]
    [InlineData(100, 120, "ttl_seconds=300 is above the maximum 100")]
    [InlineData(600, 6, "limit max_changes_per_minute")]
    public async Task The_limits_of_the_operator_hold(int maxTtl, int maxPerMinute, string limit)
    {
        _rig.Limit(OperatorLimits.Default with { MaxTtlSeconds = maxTtl, MaxChangesPerMinute = maxPerMinute });
        _experiments = Service();
        await RefusedAsync(limit, new ExperimentRequest { Intent = Intent(), Design = Design() });
    }

    [Fact]
    public async Task What_must_be_confirmed_is_refused_first()
    {
        _rig.Limit(OperatorLimits.Default with { ConfirmAboveTasks = 1 });
        _experiments = Service();
        await RefusedAsync("covers 2 threads", new ExperimentRequest { Intent = Intent(), Design = Design() });
        var confirmed = Run(new ExperimentRequest { Intent = Intent() with { Confirmed = true }, Design = Design() });
        Assert.Equal(ExperimentOutcome.Reverted, (await FinishAsync(confirmed)).Outcome);
    }

    [Fact]
    public async Task A_more_specific_change_that_decides_for_all_its_threads_ends_it()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.Low, author: "other");
        var result = await FinishAsync(Start());
        Assert.Equal(ExperimentOutcome.Stopped, result.Outcome);
        Assert.Contains("a more specific change decides", result.Why, StringComparison.Ordinal);
        Assert.Equal(SchedulingClass.Low, _rig.ClassOf(10));
    }

    private static ExperimentDesign Design() => new() { Measure = ObservedMeasure.WaitP99, Seed = 4 };

    private static IntentRequest Intent(Selector? of = null) => new()
    {
        Selector = of ?? Selector.OfCommand("^web$"),
        Effect = IntentEffect.OfClass(SchedulingClass.High),
        TtlSeconds = 300,
        Author = "agent",
    };

    private ExperimentService Service() => new(_rig.Intents, _observer, _rig.Registry, _rig.Machine, _rig.Time);

    private async Task RefusedAsync(string why, ExperimentRequest request)
    {
        var writes = _rig.Kernel.Writes;
        Assert.Contains(why, (await Assert.ThrowsAsync<IntentRejectedException>(() => Run(request))).Message, StringComparison.Ordinal);
        Assert.Equal((writes, 0), (_rig.Kernel.Writes, _experiments.RunningCount));
        Assert.False(_port.Started);
    }

    private Task<ExperimentResult> Start(int? keep = null, Selector? of = null, Selector? workload = null) =>
        Run(new ExperimentRequest { Intent = Intent(of), Workload = workload, Design = Design(), KeepIfBetterPercent = keep });

    // Off the test's own context: what waits for the clock then goes on as part of its step.
    private Task<ExperimentResult> Run(ExperimentRequest request)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return _experiments.RunAsync(request, new Recorded(_progress), _cancel.Token);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private async Task<ExperimentResult> FinishAsync(Task<ExperimentResult> running)
    {
        for (var i = 0; i < 2000 && !running.IsCompleted; i++)
        {
            Step();
        }

        Assert.True(running.IsCompleted);
        return await running;
    }

    private void Steps(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Step();
        }
    }

    private void StepsUntil(bool isOn)
    {
        for (var i = 0; i < 100 && _progress[^1].IsOn != isOn; i++)
        {
            Step();
        }

        Assert.Equal(isOn, _progress[^1].IsOn);
    }

    // In a quarter of a second web waits ten times, shorter where the change is in force; not each time as long.
    private void Step()
    {
        var wait = 2_000_000 * (_rig.ClassOf(10) == SchedulingClass.High ? 1 - _gain : 1);
        _port.Wait(10, (long)(wait * (1 + 0.05 * (_rig.Time.GetUtcNow().Second % 3))), times: 10);
        _port.Wait(20, 1_000_000 * (_rig.ClassOf(10) == SchedulingClass.High ? _cost : 1), times: 10);
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _rig.Time.Advance(TimeSpan.FromMilliseconds(250));
        SynchronizationContext.SetSynchronizationContext(context);
    }

    private void AssertAsBefore()
    {
        Assert.Empty(_rig.Kernel.Held);
        Assert.Equal(0, _rig.Intents.ActiveCount);
    }

    private sealed class Recorded(List<ExperimentProgress> into) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => into.Add(value);
    }
}
