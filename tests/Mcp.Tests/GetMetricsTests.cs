using Coxswain.Core.Observe;
using Coxswain.Mcp.Tools;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Mcp.Tests;

public sealed class GetMetricsTests : IAsyncLifetime
{
    private ToolRig _rig = null!;
    private long _waitNs = 2_000_000;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(10, "upf", "core", "upf-0");
        _rig.Machine.Start(20, "hog");
        _rig.Observed.Add(10, "upf", cgroup: 5);
        _rig.Observed.Add(20, "hog", cgroup: 6);
        _rig.Observed.Add(30, "kworker/0:1", cgroup: 6, kernelThread: true);
        _rig.Step = TimeSpan.FromMilliseconds(250);
        var step = 0;
        _rig.WhileWaiting = () =>
        {
            // Not every second is like the other.
            _rig.Observed.Wait(10, _waitNs + _waitNs / 10 * (step++ % 4), times: 10);
            _rig.Observed.Wait(20, 50_000);
            _rig.Observed.Delay(20, 10, 9 * _waitNs);
            _rig.Observed.Delay(30, 10, _waitNs);
        };
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_first_call_waits_for_its_window_and_tells_of_the_whole_machine()
    {
        Assert.False(_rig.Observed.Started);
        var result = await _rig.CallAsync("get_metrics", new { window_seconds = 4 });
        Assert.Equal((4, 3), (result.GetProperty("window_seconds").GetInt32(), result.GetProperty("threads").GetInt32() + 1));
        Assert.True(result.GetProperty("samples").GetInt64() >= 44);
        Assert.Equal("coxswain", result.GetProperty("scheduler").GetString());
        Assert.InRange(result.GetProperty("wait_us").GetProperty("p99").GetDouble(), 2400, 2600);
        Assert.Equal(2600, result.GetProperty("wait_us").GetProperty("max").GetDouble());
    }

    [Fact]
    public async Task What_could_not_be_counted_is_told_and_nothing_when_nothing_was_lost()
    {
        Assert.False((await _rig.CallAsync("get_metrics", new { window_seconds = 2 })).TryGetProperty("lost", out _));
        _rig.Observed.Losses = new ObserverLosses(300, 42, 1_000_000);
        await _rig.CallAsync("get_metrics", new { window_seconds = 1, compare_to = (await _rig.CallAsync("get_metrics", new { window_seconds = 1 })).GetProperty("metrics_id").GetString() });
        Assert.Equal(342, (await _rig.CallAsync("get_metrics", new { window_seconds = 1 })).GetProperty("lost").GetInt64());
    }

    [Fact]
    public async Task Who_delayed_is_named_with_kind_and_share()
    {
        var delayers = (await _rig.CallAsync("get_metrics", new { window_seconds = 4, scope = "pid", name = "10" })).GetProperty("delayers");
        Assert.Equal(["hog", "kworker/0:1"], delayers.EnumerateArray().Select(row => row.GetProperty("workload").GetString()));
        Assert.Equal(["user", "kernel_thread"], delayers.EnumerateArray().Select(row => row.GetProperty("kind").GetString()));
        Assert.InRange(delayers[0].GetProperty("share_pct").GetDouble(), 70, 90);
        Assert.Equal(20, delayers[0].GetProperty("pids")[0].GetInt32());
    }

    [Theory]
    [InlineData(500_000, "better")]
    [InlineData(8_000_000, "worse")]
    [InlineData(2_000_000, "no_clear_difference")]
    public async Task A_later_call_says_whether_it_got_better(long waitNs, string verdict)
    {
        var before = await _rig.CallAsync("get_metrics", new { scope = "pod", name = "core/" });
        _waitNs = waitNs;
        var after = await _rig.CallAsync("get_metrics", new { scope = "pod", name = "core/", compare_to = before.GetProperty("metrics_id").GetString() });
        var comparison = after.GetProperty("comparison");
        Assert.Equal(verdict, comparison.GetProperty("verdict").GetString());
        Assert.Equal((15, 15), (comparison.GetProperty("seconds_before").GetInt32(), comparison.GetProperty("seconds_after").GetInt32()));
        Assert.False(comparison.TryGetProperty("too_few_samples", out _));
    }

    [Fact]
    public async Task What_lies_before_the_change_is_not_compared()
    {
        var before = await _rig.CallAsync("get_metrics", new { scope = "pod", name = "core/" });
        // An agent thinks for a while; threads wait as long as before.
        for (var i = 0; i < 80; i++)
        {
            _rig.WhileWaiting!();
            _rig.Time.Advance(_rig.Step);
        }

        _waitNs = 500_000;
        var after = await _rig.CallAsync("get_metrics", new { scope = "pod", name = "core/", compare_to = before.GetProperty("metrics_id").GetString() });
        Assert.Equal("better", after.GetProperty("comparison").GetProperty("verdict").GetString());
        Assert.Equal(650, after.GetProperty("wait_us").GetProperty("max").GetDouble());
    }

    [Fact]
    public void Of_all_measurements_the_newest_are_kept_within_bounds()
    {
        var book = new MetricsBook();
        IReadOnlyList<ObservedSecond> Minutes(int seconds) => [.. Enumerable.Range(1, seconds).Select(n => new ObservedSecond((uint)n, 1, new ObservedMetrics()))];
        var ids = Enumerable.Range(0, MetricsBook.Most + 1).Select(_ => book.Keep("", Minutes(1))).ToList();
        Assert.Contains("is not known (any more)", Assert.Throws<ToolRefusedException>(() => book.Find(ids[0], "")).Message, StringComparison.Ordinal);
        Assert.Single(book.Find(ids[1], ""));
        var large = book.Keep("", Minutes(MetricsBook.MostSeconds));
        Assert.Throws<ToolRefusedException>(() => book.Find(ids[^1], ""));
        Assert.Equal(MetricsBook.MostSeconds, book.Find(large, "").Count);
    }

    [Fact]
    public async Task Too_few_samples_are_said()
    {
        var before = await _rig.CallAsync("get_metrics", new { window_seconds = 3 });
        _waitNs = 100_000;
        var after = await _rig.CallAsync("get_metrics", new { window_seconds = 3, compare_to = before.GetProperty("metrics_id").GetString() });
        Assert.True(after.GetProperty("comparison").GetProperty("too_few_samples").GetBoolean());
        Assert.Equal("no_clear_difference", after.GetProperty("comparison").GetProperty("verdict").GetString());
        Assert.StartsWith("Too few samples", after.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_works_without_the_scheduler()
    {
        _rig.Kernel.Stop();
        var result = await _rig.CallAsync("get_metrics", new { window_seconds = 2, scope = "class", name = "normal" });
        Assert.Equal("kernel", result.GetProperty("scheduler").GetString());
        Assert.Equal(2, result.GetProperty("threads").GetInt32());
    }

    [Fact]
    public async Task What_does_not_run_is_said_to_do_so()
    {
        var result = await _rig.CallAsync("get_metrics", new { window_seconds = 1, scope = "command", name = "^nobody$" });
        Assert.Equal((0, 0), (result.GetProperty("samples").GetInt64(), result.GetProperty("threads").GetInt32()));
        Assert.False(result.TryGetProperty("wait_us", out _));
        Assert.StartsWith("Nothing that was named ran", result.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_what_is_right()
    {
        var id = (await _rig.CallAsync("get_metrics", new { window_seconds = 1, scope = "command", name = "upf" })).GetProperty("metrics_id").GetString();
        Assert.Contains("compare the same with the same", await _rig.RefusalAsync("get_metrics", new { compare_to = id }), StringComparison.Ordinal);
        var unknown = await _rig.RefusalAsync("get_metrics", new { compare_to = "met_gone", scope = "command", name = "upf" });
        Assert.Contains($"there is: {id}", unknown, StringComparison.Ordinal);
        Assert.Contains("none is kept", await _rig.RefusalAsync("get_metrics", new { compare_to = "met_gone" }), StringComparison.Ordinal);
        Assert.Contains("is no class: latency_critical", await _rig.RefusalAsync("get_metrics", new { scope = "class", name = "urgent" }), StringComparison.Ordinal);
        Assert.Contains("scope needs a name", await _rig.RefusalAsync("get_metrics", new { scope = "pod" }), StringComparison.Ordinal);
        Assert.Contains("name needs a scope", await _rig.RefusalAsync("get_metrics", new { name = "upf" }), StringComparison.Ordinal);
        Assert.Contains("no list of ids", await _rig.RefusalAsync("find_dependencies", new { scope = "pid", name = "upf" }), StringComparison.Ordinal);
        Assert.Contains("the whole machine has no chain", await _rig.RefusalAsync("find_dependencies", new { scope = "machine", name = "upf" }), StringComparison.Ordinal);
        Assert.Contains("missing required argument 'scope'", await _rig.RefusalAsync("find_dependencies", new { name = "upf" }), StringComparison.Ordinal);
        Assert.Contains("window_seconds", await _rig.RefusalAsync("get_metrics", new { window_seconds = 601 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_without_the_observer_is_a_refusal_with_the_reason()
    {
        _rig.Observed.Refusal = new ObserverUnavailableException("The kernel refused to load the observer: not permitted");
        Assert.Contains("not permitted", await _rig.RefusalAsync("get_metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dependencies_are_the_chain_with_the_shares_of_each()
    {
        _rig.Machine.Start(40, "nr-ue");
        _rig.Observed.Add(40, "nr-ue", cgroup: 7);
        _rig.WhileWaiting += () =>
        {
            _rig.Observed.Wake(10, 40, 100, 3_000_000);
            _rig.Observed.Wake(40, 10, 100, 1_000_000);
            _rig.Observed.Wake(20, 10, 1);
            _rig.Observed.Wake(FakeObserverPort.Interrupt, 10, 500);
            _rig.Observed.Wake(30, 40, 500);
        };
        var result = await _rig.CallAsync("find_dependencies", new { scope = "pod", name = "upf-0", window_seconds = 2 });
        Assert.Equal([10, 40], result.GetProperty("include_pids").EnumerateArray().Select(pid => pid.GetInt32()));
        Assert.Equal("core/upf-0", result.GetProperty("include_pods")[0].GetString());
        var row = result.GetProperty("chain")[1];
        Assert.Equal(("nr-ue", 10), (row.GetProperty("command").GetString(), row.GetProperty("woken_by_pid").GetInt32()));
        Assert.Equal((50, 75), (row.GetProperty("wakeups_pct").GetDouble(), row.GetProperty("wait_pct").GetDouble()));
    }

    [Fact]
    public async Task Protected_processes_of_a_chain_are_shown_but_not_among_those_to_prioritise()
    {
        _rig.Observed.Add(41, "sshd");
        _rig.WhileWaiting += () =>
        {
            _rig.Observed.Wake(10, 41, 100);
            _rig.Observed.Wake(41, 10, 100);
        };
        var result = await _rig.CallAsync("find_dependencies", new { scope = "pod", name = "upf-0", window_seconds = 2 });
        Assert.Equal([10, 41], result.GetProperty("chain").EnumerateArray().Select(row => row.GetProperty("pid").GetInt32()).Order());
        Assert.Equal([10], result.GetProperty("include_pids").EnumerateArray().Select(pid => pid.GetInt32()));
    }

    [Fact]
    public async Task Dependencies_of_what_nobody_wakes_are_none()
    {
        var result = await _rig.CallAsync("find_dependencies", new { scope = "command", name = "^hog$", window_seconds = 1 });
        Assert.Empty(result.GetProperty("chain").EnumerateArray());
        Assert.Contains("No process woke", result.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }
}
