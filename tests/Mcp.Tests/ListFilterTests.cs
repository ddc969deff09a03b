using System.Text.Json;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>The filters by which an agent gets few rows instead of many: pods and CPUs of list_tasks, time and client of list_changes.</summary>
public sealed class ListFilterTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(20, "upf", "free5gc", "upf-1", ("app", "upf"));
        _rig.StartInPod(30, "upf", "test", "upf-0", ("app", "upf"));
        _rig.Machine.Start(40, "upf");
        foreach (var tid in (int[])[11, 30, 40])
        {
            _rig.Machine.Change(tid, task => task with { Cpu = 3 });
        }
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("{\"namespace\":\"free5gc\"}", "10,11,20,21")]
    [InlineData("{\"pod\":\"upf-0\"}", "10,11,30,31")]
    [InlineData("{\"namespace\":\"free5gc\",\"pod\":\"upf-0\"}", "10,11")]
    [InlineData("{\"cpu\":3}", "11,30,40")]
    [InlineData("{\"cpu\":3,\"namespace\":\"free5gc\"}", "11")]
    [InlineData("{\"namespace\":\"free5gc\",\"command\":\"^worker$\"}", "11,21")]
    public async Task Threads_are_found_by_pod_and_CPU(string arguments, string expected)
    {
        var given = JsonElement.Parse(arguments[..^1] + ",\"sort_by\":\"pid\"}");
        Assert.Equal(expected, string.Join(',', Pids(await _rig.CallAsync("list_tasks", given))));
    }

    [Theory]
    [InlineData("{\"namespace\":\"free5g\"}", "Nothing matches; similar: free5gc.")]
    [InlineData("{\"pod\":\"upf-2\",\"namespace\":\"test\"}", "Nothing matches; similar: upf-0.")]
    [InlineData("{\"pod\":\"nobody\"}", "Nothing matches; list_pods shows the pods of this node.")]
    [InlineData("{\"cpu\":31}", "Nothing ran on CPU 31 last; get_topology shows the CPUs.")]
    public async Task What_is_not_there_is_said_with_what_may_be_meant(string arguments, string hint) =>
        Assert.Equal(hint, (await _rig.CallAsync("list_tasks", JsonElement.Parse(arguments))).GetProperty("hint").GetString());

    [Fact]
    public async Task A_page_belongs_to_its_filters()
    {
        var first = await _rig.CallAsync("list_tasks", new { @namespace = "free5gc", limit = 1, sort_by = "pid" });
        var cursor = first.GetProperty("next_cursor").GetString();
        Assert.Equal([11], Pids(await _rig.CallAsync("list_tasks", new { @namespace = "free5gc", limit = 1, sort_by = "pid", cursor })));
        Assert.Contains("other filters", await _rig.RefusalAsync("list_tasks", new { @namespace = "test", sort_by = "pid", cursor }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_found_by_when_they_were_made_or_ended()
    {
        var early = await ChangeAsync("upf-0", 60);
        _rig.Time.Advance(TimeSpan.FromSeconds(30));
        var late = await ChangeAsync("upf-1", 600);
        Assert.Equal([late], Ids(await _rig.CallAsync("list_changes", new { since = "2026-09-01T12:00:30Z" })));
        Assert.Equal([late, early], Ids(await _rig.CallAsync("list_changes", new { since = "2026-09-01T12:00:00Z" })));
        _rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([early], Ids(await _rig.CallAsync("list_changes", new { since = "2026-09-01T12:01:00Z", include_ended = true })));
        Assert.Empty(Ids(await _rig.CallAsync("list_changes", new { since = "2026-09-01T12:01:00Z" })));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("2026-09-01 12:00:00")]
    public async Task A_time_that_is_none_is_refused_with_one_that_is(string since) =>
        Assert.Contains("is no time such as 2026-09-01T12:00:00Z", await _rig.RefusalAsync("list_changes", new { since }), StringComparison.Ordinal);

    [Fact]
    public async Task Changes_are_found_by_who_made_them()
    {
        var change = await ChangeAsync("upf-0", 60);
        Assert.Equal([change], Ids(await _rig.CallAsync("list_changes", new { client = "Test-Agent" })));
        var none = await _rig.CallAsync("list_changes", new { client = "codex" });
        Assert.Equal((0, 0), (none.GetProperty("total").GetInt32(), none.GetProperty("returned").GetInt32()));
    }

    private async Task<string> ChangeAsync(string pod, int ttl) =>
        (await _rig.CallAsync("prioritize_pods", new { @class = "low", @namespace = "free5gc", pods = new[] { pod }, ttl_seconds = ttl })).GetProperty("change_id").GetString()!;

    private static List<int> Pids(JsonElement result) => [.. result.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("pid").GetInt32())];

    private static List<string> Ids(JsonElement result) => [.. result.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("change_id").GetString()!)];
}
