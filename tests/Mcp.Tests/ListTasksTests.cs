using System.Text.Json;
using Xunit;

namespace Coxswain.Mcp.Tests;

public sealed class ListTasksTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.Machine.Start(10, "upf", "rx", "tx");
        _rig.Machine.Start(20, "hog");
        _rig.Machine.Start(30, "batch");
        _rig.Machine.Load(20, cpu: 0.9);
        _rig.Machine.Load(30, cpu: 0.2, wait: 0.1);
        _rig.Machine.Load(11, cpu: 0.1, wait: 0.8);
        foreach (var tid in new[] { 10, 11, 12 })
        {
            _rig.Machine.Change(tid, task => task with { Cgroup = "/kubepods.slice/pod1" });
        }
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Those_that_use_most_CPU_come_first()
    {
        var result = await _rig.CallAsync("list_tasks", new { limit = 3 });
        Assert.Equal([20, 30, 11], Pids(result));
        Assert.Equal(90, result.GetProperty("tasks")[0].GetProperty("cpu_pct").GetDouble(), 0.5);
        Assert.InRange(result.GetProperty("measured_over_ms").GetInt32(), 250, 300);
        Assert.Equal((8, 3), (result.GetProperty("total").GetInt32(), result.GetProperty("returned").GetInt32()));
        Assert.StartsWith("8 threads match; showing the first 3 by cpu_pct", result.GetProperty("truncated_hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_can_be_sorted_by_waiting_or_by_pid()
    {
        Assert.Equal([11, 30], Pids(await _rig.CallAsync("list_tasks", new { sort_by = "wait", limit = 2 })));
        Assert.Equal([1, 2, 10, 11, 12, 20, 30, 99], Pids(await _rig.CallAsync("list_tasks", new { sort_by = "pid" })));
        Assert.Equal(20, Pids(await _rig.CallAsync("list_tasks", new { sort_by = "runtime" }))[0]);
    }

    [Fact]
    public async Task Filters_narrow_the_list()
    {
        Assert.Equal([10, 11, 12], Pids(await _rig.CallAsync("list_tasks", new { pid = 10, sort_by = "pid" })));
        Assert.Equal([11], Pids(await _rig.CallAsync("list_tasks", new { pid = 11 })));
        Assert.Equal([10, 11, 12, 20], Pids(await _rig.CallAsync("list_tasks", new { command = "^(upf|hog)$", sort_by = "pid" })));
        Assert.Equal([11], Pids(await _rig.CallAsync("list_tasks", new { command = "^rx$" })));
        Assert.Equal([10, 11, 12], Pids(await _rig.CallAsync("list_tasks", new { cgroup = "/kubepods", sort_by = "pid" })));
        Assert.Equal([10, 11, 12], Pids(await _rig.CallAsync("list_tasks", new { cgroup = "pod1", sort_by = "pid" })));
        Assert.Empty(Pids(await _rig.CallAsync("list_tasks", new { cgroup = "/pod1" })));
    }

    [Fact]
    public async Task A_row_leaves_out_what_is_usual()
    {
        var row = (await _rig.CallAsync("list_tasks", new { pid = 20 })).GetProperty("tasks")[0];
        Assert.Equal(
            ["pid", "process_pid", "command", "cpu_pct", "wait_pct", "runtime_seconds", "cpu"],
            row.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task A_row_shows_what_is_in_force_in_the_kernel()
    {
        var first = (await _rig.CallAsync("prioritize_tasks", new { @class = "latency_critical", pids = new[] { 11 }, ttl_seconds = 100 })).GetProperty("change_id").GetString();
        var second = (await _rig.CallAsync("set_timeslice", new { slice_us = 2000, command = "^upf$", ttl_seconds = 50 })).GetProperty("change_id").GetString();

        var tasks = (await _rig.CallAsync("list_tasks", new { pid = 10, sort_by = "pid" })).GetProperty("tasks");

        Assert.False(tasks[0].TryGetProperty("class", out _));
        Assert.Equal(2000, tasks[0].GetProperty("slice_us").GetInt32());
        Assert.Equal("latency_critical", tasks[1].GetProperty("class").GetString());
        Assert.Equal([first, second], tasks[1].GetProperty("change_ids").EnumerateArray().Select(id => id.GetString()));
        Assert.InRange(tasks[1].GetProperty("expires_in_seconds").GetInt32(), 1, 50);
        Assert.Equal(("rx", "upf"), (tasks[1].GetProperty("command").GetString(), tasks[1].GetProperty("process_command").GetString()));
    }

    [Fact]
    public async Task Protected_and_real_time_threads_are_marked()
    {
        _rig.Machine.Change(20, task => task with { Policy = 1, Nice = -5 });
        var tasks = (await _rig.CallAsync("list_tasks", new { sort_by = "pid" })).GetProperty("tasks");
        Assert.Equal("process 1 (init)", tasks[0].GetProperty("protected").GetString());
        Assert.Equal("kernel thread", tasks[1].GetProperty("protected").GetString());
        Assert.Equal(("fifo", -5), (tasks[5].GetProperty("policy").GetString(), tasks[5].GetProperty("nice").GetInt32()));
        Assert.Equal("coxswain itself", tasks[7].GetProperty("protected").GetString());
    }

    [Fact]
    public async Task Pages_of_one_measurement_belong_together()
    {
        var first = await _rig.CallAsync("list_tasks", new { sort_by = "pid", limit = 3 });
        _rig.Machine.Start(5, "newcomer");
        var second = await _rig.CallAsync("list_tasks", new { sort_by = "pid", limit = 3, cursor = Cursor(first) });
        var third = await _rig.CallAsync("list_tasks", new { limit = 3, cursor = Cursor(second) });

        Assert.Equal([1, 2, 10, 11, 12, 20, 30, 99], [.. Pids(first), .. Pids(second), .. Pids(third)]);
        Assert.False(third.TryGetProperty("next_cursor", out _));
        Assert.Contains("showing 4 to 6", second.GetProperty("truncated_hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_with_other_filters_or_too_old_is_refused()
    {
        var cursor = Cursor(await _rig.CallAsync("list_tasks", new { limit = 1 }));
        Assert.Contains("cursor belongs to a listing with other filters", await _rig.RefusalAsync("list_tasks", new { cursor, command = "upf" }), StringComparison.Ordinal);
        _rig.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Contains("older than 2 minutes", await _rig.RefusalAsync("list_tasks", new { cursor }), StringComparison.Ordinal);
        Assert.Contains("cursor is unknown", await _rig.RefusalAsync("list_tasks", new { cursor = "nonsense" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_list_says_what_is_similar()
    {
        var result = await _rig.CallAsync("list_tasks", new { command = "^btach$" });
        Assert.Equal(0, result.GetProperty("total").GetInt32());
        Assert.Equal("Nothing matches command \"^btach$\"; similar: batch.", result.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task A_dead_pid_and_a_broken_regex_are_refused()
    {
        Assert.StartsWith("list_tasks: pid 4242 does not exist (any more)", await _rig.RefusalAsync("list_tasks", new { pid = 4242 }), StringComparison.Ordinal);
        Assert.StartsWith("list_tasks: command is not a valid regex", await _rig.RefusalAsync("list_tasks", new { command = "(" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_rows_stay_below_4_KB()
    {
        for (var pid = 1000; pid < 1100; pid++)
        {
            _rig.Machine.Start(pid, "some-service-17");
        }

        Assert.InRange((await _rig.CallAsync("list_tasks")).GetRawText().Length, 1000, 4000);
    }

    private static List<int> Pids(JsonElement result) =>
        [.. result.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("pid").GetInt32())];

    private static string Cursor(JsonElement result) => result.GetProperty("next_cursor").GetString()!;
}
