using System.Text;
using System.Text.Json;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Rows are short unless detailed ones are asked for.</summary>
public sealed class ResponseFormatTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.Machine.Start(20, "hog");
        _rig.Machine.Change(20, task => task with { Cgroup = "/system.slice/hog.service", ParentPid = 1, State = 'R' });
        _rig.StartInPod(30, "upf", "core", "upf-0", ("app", "upf"), ("tier", "user-plane"), ("a", "1"), ("b", "2"), ("c", "3"), ("pod-template-hash", "7c9d8"));
        _rig.Machine.Load(20, cpu: 0.5, wait: 0.1);
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_detailed_thread_also_tells_what_is_usual()
    {
        await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 30 }, budget_pct = 40 });
        var tasks = (await _rig.CallAsync("list_tasks", new { response_format = "detailed", sort_by = "pid" })).GetProperty("tasks");
        var hog = tasks.EnumerateArray().Single(task => task.GetProperty("pid").GetInt32() == 20);
        Assert.Equal(
            ("hog", "runnable", 1, 0, "other", "/system.slice/hog.service", "hog.service", "normal"),
            (Text(hog, "process_command"), Text(hog, "state"), hog.GetProperty("parent_pid").GetInt32(), hog.GetProperty("nice").GetInt32(), Text(hog, "policy"),
                Text(hog, "cgroup"), Text(hog, "unit"), Text(hog, "class")));
        Assert.True(hog.GetProperty("waited_seconds").GetDouble() >= 0 && hog.GetProperty("times_run").GetInt64() >= 0);
        var upf = tasks.EnumerateArray().Single(task => task.GetProperty("pid").GetInt32() == 30);
        // The pod's name does not stand for the cgroup any more.
        Assert.Equal(("core/upf-0", "high", 40), (Text(upf, "pod"), Text(upf, "class"), upf.GetProperty("budget_pct").GetInt32()));
        Assert.Contains("kubepods", Text(upf, "cgroup"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detailed_pod_tells_all_labels_processes_and_classes()
    {
        await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 31 }, ttl_seconds = 100 });
        var concise = (await _rig.CallAsync("list_pods")).GetProperty("pods")[0];
        Assert.Equal(4, concise.GetProperty("labels").EnumerateObject().Count());
        Assert.False(concise.TryGetProperty("uid", out _));

        var pod = (await _rig.CallAsync("list_pods", new { response_format = "detailed" })).GetProperty("pods")[0];

        Assert.Equal("7c9d8", Text(pod.GetProperty("labels"), "pod-template-hash"));
        Assert.Equal(6, pod.GetProperty("labels").EnumerateObject().Count());
        Assert.Equal([30], pod.GetProperty("pids").EnumerateArray().Select(pid => pid.GetInt32()));
        Assert.Equal((1, 1), (pod.GetProperty("classes").GetProperty("high").GetInt32(), pod.GetProperty("classes").GetProperty("normal").GetInt32()));
        Assert.InRange(pod.GetProperty("expires_in_seconds").GetInt32(), 90, 100);
        Assert.NotEmpty(Text(pod, "uid"));
    }

    [Fact]
    public async Task A_detailed_change_tells_its_times_and_threads()
    {
        await _rig.CallAsync("set_timeslice", new { slice_us = 500, command = "^upf$", ttl_seconds = 100 });
        var concise = (await _rig.CallAsync("list_changes")).GetProperty("changes")[0];
        Assert.All(["created_at", "expires_at", "ttl_seconds", "thread_pids", "specificity"], name => Assert.False(concise.TryGetProperty(name, out _), name));
        Assert.Equal(100, concise.GetProperty("expires_in_seconds").GetInt32());

        var change = (await _rig.CallAsync("list_changes", new { response_format = "detailed" })).GetProperty("changes")[0];

        Assert.Equal(100, change.GetProperty("ttl_seconds").GetInt32());
        Assert.Equal(TimeSpan.FromSeconds(100), change.GetProperty("expires_at").GetDateTimeOffset() - change.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal([30, 31], change.GetProperty("thread_pids").EnumerateArray().Select(pid => pid.GetInt32()));
        Assert.True(change.GetProperty("specificity").GetInt32() >= 0);
    }

    [Fact]
    public async Task Pages_of_one_listing_may_have_either_format()
    {
        var first = await _rig.CallAsync("list_tasks", new { sort_by = "pid", limit = 2 });
        var second = await _rig.CallAsync("list_tasks", new { limit = 2, cursor = Text(first, "next_cursor"), response_format = "detailed" });
        Assert.All(first.GetProperty("tasks").EnumerateArray(), task => Assert.False(task.TryGetProperty("state", out _)));
        Assert.All(second.GetProperty("tasks").EnumerateArray(), task => Assert.True(task.TryGetProperty("state", out _)));
    }

    [Fact]
    public async Task Fifty_detailed_rows_come_at_most_and_the_rest_with_the_cursor()
    {
        for (var pid = 1000; pid < 1080; pid++)
        {
            _rig.Machine.Start(pid, $"service-{pid}");
        }

        var result = await _rig.CallAsync("list_tasks", new { limit = 200, response_format = "detailed", command = "^service" });
        Assert.Equal((80, 50), (result.GetProperty("total").GetInt32(), result.GetProperty("returned").GetInt32()));
        Assert.EndsWith("At most 50 detailed rows come at a time.", Text(result, "truncated_hint"), StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(result.GetRawText()), 5000, 40_000);
        Assert.Equal(30, (await _rig.CallAsync("list_tasks", new { limit = 200, response_format = "detailed", command = "^service", cursor = Text(result, "next_cursor") })).GetProperty("returned").GetInt32());
        Assert.Equal(80, (await _rig.CallAsync("list_tasks", new { limit = 200, command = "^service" })).GetProperty("returned").GetInt32());
    }

    [Fact]
    public async Task Other_formats_are_refused() =>
        Assert.Contains(
            "'response_format'=\"full\" must be one of concise, detailed", await _rig.RefusalAsync("list_pods", new { response_format = "full" }), StringComparison.Ordinal);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
