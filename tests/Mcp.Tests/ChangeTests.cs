using System.Text.Json;
using Coxswain.Core;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>prioritize_tasks, set_timeslice, list_changes and revert, as an agent uses them.</summary>
public sealed class ChangeTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.Machine.Start(10, "upf", "rx");
        _rig.Machine.Start(20, "smf");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_change_is_answered_with_what_the_kernel_has()
    {
        var result = await _rig.CallAsync("prioritize_tasks", new { @class = "latency_critical", pids = new[] { 10 }, ttl_seconds = 60, reason = "slow pings" });

        Assert.True(result.GetProperty("visible_in_kernel").GetBoolean());
        Assert.False(result.GetProperty("already_active").GetBoolean());
        Assert.Equal("2026-09-01T12:01:00Z", result.GetProperty("expires_at").GetString());
        Assert.Equal((2, 60), (result.GetProperty("applied").GetInt32(), result.GetProperty("ttl_seconds").GetInt32()));
        Assert.All(result.GetProperty("tasks").EnumerateArray(), task =>
        {
            Assert.Equal("latency_critical", task.GetProperty("class").GetString());
            Assert.Equal(60, task.GetProperty("expires_in_seconds").GetInt32());
        });
        Assert.Contains($"revert(change_ids=[\"{Id(result)}\"])", result.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal(SchedulingClass.LatencyCritical, _rig.Kernel.Of(11)!.Value.Class);
    }

    [Fact]
    public async Task A_slice_is_set_in_microseconds()
    {
        var result = await _rig.CallAsync("set_timeslice", new { slice_us = 2000, command = "smf" });
        Assert.Equal(2000, result.GetProperty("tasks")[0].GetProperty("slice_us").GetInt32());
        Assert.False(result.GetProperty("tasks")[0].TryGetProperty("class", out _));
        Assert.Equal(2_000_000ul, _rig.Kernel.Of(20)!.Value.SliceNs);
        Assert.Equal(600, result.GetProperty("ttl_seconds").GetInt32());
    }

    [Theory]
    [InlineData("latency_critical", SchedulingClass.LatencyCritical)]
    [InlineData("high", SchedulingClass.High)]
    [InlineData("normal", SchedulingClass.Normal)]
    [InlineData("low", SchedulingClass.Low)]
    [InlineData("background", SchedulingClass.Background)]
    public async Task Each_class_arrives_in_the_kernel(string name, SchedulingClass expected)
    {
        var result = await _rig.CallAsync("prioritize_tasks", new { @class = name, pids = new[] { 20 } });
        Assert.Equal(name, result.GetProperty("tasks")[0].GetProperty("class").GetString());
        Assert.Equal(expected, _rig.Kernel.Of(20)!.Value.Class);
    }

    [Fact]
    public async Task Asking_again_renews()
    {
        var arguments = new { @class = "high", pids = new[] { 20 }, ttl_seconds = 100 };
        var first = await _rig.CallAsync("prioritize_tasks", arguments);
        _rig.Time.Advance(TimeSpan.FromSeconds(50));
        var again = await _rig.CallAsync("prioritize_tasks", arguments);
        Assert.True(again.GetProperty("already_active").GetBoolean());
        Assert.Equal(Id(first), Id(again));
        Assert.Equal("2026-09-01T12:02:30Z", again.GetProperty("expires_at").GetString());
    }

    [Fact]
    public async Task After_its_lifetime_a_change_is_gone_from_the_kernel()
    {
        var id = Id(await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, ttl_seconds = 30 }));
        _rig.Time.Advance(TimeSpan.FromSeconds(30.1));
        Assert.Empty(_rig.Kernel.Held);
        var change = (await _rig.CallAsync("list_changes", new { include_ended = true })).GetProperty("changes")[0];
        Assert.Equal((id, "ended", "expired"), (Id(change), change.GetProperty("state").GetString(), change.GetProperty("ended_by").GetString()));
        Assert.Equal(0, (await _rig.CallAsync("list_changes")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Revert_gives_threads_back_to_the_older_change()
    {
        await _rig.CallAsync("prioritize_tasks", new { @class = "low", command = "upf" });
        var id = Id(await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } }));

        var result = await _rig.CallAsync("revert", new { change_ids = new[] { id } });

        Assert.Equal((1, 2, 1), (result.GetProperty("reverted").GetInt32(), result.GetProperty("threads_restored").GetInt32(), result.GetProperty("remaining_active").GetInt32()));
        Assert.True(result.GetProperty("gone_from_kernel").GetBoolean());
        Assert.Equal(SchedulingClass.Low, _rig.Kernel.Of(11)!.Value.Class);
    }

    [Fact]
    public async Task Reverting_twice_tells_that_there_was_nothing_to_do()
    {
        var id = Id(await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 20 } }));
        await _rig.CallAsync("revert", new { all = true });
        var again = await _rig.CallAsync("revert", new { change_ids = new[] { id, "chg_nobody" } });
        Assert.Equal(0, again.GetProperty("reverted").GetInt32());
        Assert.Equal("reverted", again.GetProperty("changes")[0].GetProperty("ended_by").GetString());
        Assert.Equal("chg_nobody", again.GetProperty("not_found")[0].GetString());
        Assert.Equal(0, (await _rig.CallAsync("revert", new { all = true })).GetProperty("reverted").GetInt32());
    }

    [Fact]
    public async Task An_unknown_change_is_refused_with_the_known_ones()
    {
        var id = Id(await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 20 } }));
        Assert.Equal(
            $"revert: no change has the id chg_nobody; active: {id}. list_changes(include_ended=true) shows all that are remembered. Nothing was changed.",
            await _rig.RefusalAsync("revert", new { change_ids = new[] { "chg_nobody" } }));
    }

    [Theory]
    [InlineData(1, "pid 1 (systemd) is protected: process 1 (init)")]
    [InlineData(2, "pid 2 (kthreadd) is protected: kernel thread")]
    [InlineData(ToolRig.OwnPid, "pid 99 (coxswain) is protected: coxswain itself")]
    public async Task Protected_tasks_are_refused(int pid, string problem)
    {
        Assert.Equal(
            $"set_timeslice: {problem}. Protected are process 1 (init), kernel threads, coxswain itself, sshd, kubelet, container runtimes, systemd and dbus outside of pods: name other tasks. Nothing was changed.",
            await _rig.RefusalAsync("set_timeslice", new { slice_us = 1000, pids = new[] { 20, pid } }));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task A_dead_pid_refuses_the_whole_call()
    {
        Assert.Equal(
            "prioritize_tasks: pid 4242 does not exist (any more). list_tasks shows what can be named. Nothing was changed.",
            await _rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 20, 4242 } }));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task What_a_regex_matches_beyond_what_may_be_changed_is_listed_by_reason()
    {
        var result = await _rig.CallAsync("prioritize_tasks", new { @class = "background", command = "." });
        Assert.Equal(3, result.GetProperty("applied").GetInt32());
        Assert.Equal(
            ["process 1 (init)", "kernel thread", "coxswain itself"],
            result.GetProperty("skipped").EnumerateArray().Select(row => row.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_long_list_of_threads_is_cut_and_says_so()
    {
        _rig.Machine.Start(1000, "many", [.. Enumerable.Repeat("worker", 99)]);
        var result = await _rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 1000 } });
        Assert.Equal((100, 50), (result.GetProperty("applied").GetInt32(), result.GetProperty("tasks").GetArrayLength()));
        Assert.True(result.GetProperty("tasks_truncated").GetBoolean());
    }

    [Fact]
    public async Task Real_time_threads_are_pointed_out()
    {
        _rig.Machine.Change(20, task => task with { Policy = 1 });
        var result = await _rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 20 } });
        Assert.Contains("1 of the threads have a real-time policy", result.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_kernel_does_not_show_is_not_claimed()
    {
        _rig.Kernel.LosesWrites = true;
        var result = await _rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 20 } });
        Assert.False(result.GetProperty("visible_in_kernel").GetBoolean());
        Assert.False(result.GetProperty("tasks")[0].TryGetProperty("class", out _));
        Assert.Equal(0, result.GetProperty("tasks")[0].GetProperty("expires_in_seconds").GetInt32());
    }

    [Fact]
    public async Task The_list_tells_who_asked_for_what_and_why()
    {
        await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10, 20 }, ttl_seconds = 100, reason = "slow pings" });
        await _rig.CallAsync("set_timeslice", new { slice_us = 500, command = "smf" });
        _rig.Time.Advance(TimeSpan.FromSeconds(10));

        var result = await _rig.CallAsync("list_changes", new { response_format = "detailed" });
        var (newest, oldest) = (result.GetProperty("changes")[0], result.GetProperty("changes")[1]);

        Assert.Equal(2, result.GetProperty("active").GetInt32());
        Assert.Equal(("smf", 500), (newest.GetProperty("command").GetString(), newest.GetProperty("slice_us").GetInt32()));
        Assert.Equal(("high", "test-agent 7", "slow pings"), (oldest.GetProperty("class").GetString(), oldest.GetProperty("by").GetString(), oldest.GetProperty("reason").GetString()));
        Assert.Equal((3, 90), (oldest.GetProperty("threads").GetInt32(), oldest.GetProperty("expires_in_seconds").GetInt32()));
        Assert.Equal([10, 11, 20], oldest.GetProperty("thread_pids").EnumerateArray().Select(pid => pid.GetInt32()));
    }

    [Fact]
    public async Task The_list_comes_in_pages()
    {
        for (var i = 0; i < 5; i++)
        {
            await _rig.CallAsync("set_timeslice", new { slice_us = 1000 + i, pids = new[] { 20 } });
        }

        var first = await _rig.CallAsync("list_changes", new { limit = 2 });
        await _rig.CallAsync("set_timeslice", new { slice_us = 9000, pids = new[] { 20 } });
        var second = await _rig.CallAsync("list_changes", new { limit = 5, cursor = first.GetProperty("next_cursor").GetString() });

        Assert.Equal([1004, 1003], Slices(first));
        Assert.Equal([1002, 1001, 1000], Slices(second));
        Assert.False(second.TryGetProperty("next_cursor", out _));
        Assert.Contains("cursor is not one", await _rig.RefusalAsync("list_changes", new { cursor = "x" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_scheduler_ends_so_do_its_changes()
    {
        await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 20 } });
        _rig.Kernel.Eject("runnable task stall");
        Assert.Equal(0, (await _rig.CallAsync("get_status")).GetProperty("active_changes").GetInt32());
        var change = (await _rig.CallAsync("list_changes", new { include_ended = true })).GetProperty("changes")[0];
        Assert.Equal("scheduler_ended", change.GetProperty("ended_by").GetString());
    }

    [Fact]
    public async Task An_unexpected_failure_is_logged_and_told()
    {
        _rig.Kernel.BeforeWrite = _ => throw new InvalidOperationException("map is full");
        var text = await _rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 20 } });
        Assert.StartsWith("prioritize_tasks: failed unexpectedly: InvalidOperationException: map is full. ", text, StringComparison.Ordinal);
        Assert.Contains(_rig.Log.Messages, message => message.StartsWith("Error: prioritize_tasks failed unexpectedly InvalidOperationException", StringComparison.Ordinal));
        Assert.Equal(0, (await _rig.CallAsync("list_changes", new { include_ended = true })).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Every_call_and_every_change_is_in_the_log()
    {
        var id = Id(await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 20 }, reason = "slow\u001b[31m pings" }));
        await _rig.CallAsync("revert", new { all = true });
        Assert.Contains($"Information: {id} by test-agent 7: pids 20 class=High slice_us=0 for 600 s on 1 threads, reason: slow[31m pings", _rig.Log.Messages);
        Assert.Contains($"Information: {id} ended: Reverted, it covered 1 threads", _rig.Log.Messages);
        Assert.Contains(_rig.Log.Messages, message => message.StartsWith("Information: prioritize_tasks called by test-agent 7", StringComparison.Ordinal));
    }

    private static string Id(JsonElement result) => result.GetProperty("change_id").GetString()!;

    private static List<int> Slices(JsonElement result) =>
        [.. result.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("slice_us").GetInt32())];
}
