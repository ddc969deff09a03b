using System.Text.Json;
using Coxswain.Core;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>extend: more time for a change.</summary>
public sealed class ExtendTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.Machine.Start(10, "upf", "rx");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_change_lives_longer_and_the_kernel_knows()
    {
        var id = await ApplyAsync(100);
        _rig.Time.Advance(TimeSpan.FromSeconds(90));

        var result = await _rig.CallAsync("extend", new { change_id = id, ttl_seconds = 300 });

        Assert.Equal((id, 2, true), (Text(result, "change_id"), result.GetProperty("threads").GetInt32(), result.GetProperty("visible_in_kernel").GetBoolean()));
        Assert.Equal(("2026-09-01T12:06:30Z", "2026-09-01T12:01:40Z"), (Text(result, "expires_at"), Text(result, "expires_at_before")));
        _rig.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(SchedulingClass.High, _rig.Kernel.Of(11)!.Value.Class);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task It_stays_where_it_was_in_the_order_of_changes()
    {
        var id = await ApplyAsync(100);
        await _rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 10 }, ttl_seconds = 500 });
        await _rig.CallAsync("extend", new { change_id = id, ttl_seconds = 400 });
        Assert.Equal(SchedulingClass.Low, _rig.Kernel.Of(10)!.Value.Class);
    }

    [Fact]
    public async Task A_change_of_CPUs_keeps_its_set()
    {
        var id = Text(await _rig.CallAsync("set_affinity", new { cpus = "4-7", pids = new[] { 10 }, ttl_seconds = 100 }), "change_id");
        await _rig.CallAsync("extend", new { change_id = id, ttl_seconds = 400 });
        Assert.Equal(1, Assert.Single(_rig.Kernel.DefinedSets).Value.Uses);
        await _rig.CallAsync("revert", new { all = true });
        Assert.Empty(_rig.Kernel.DefinedSets);
    }

    [Theory]
    [InlineData(50, "has 100 s left, and ttl_seconds=50 would shorten that")]
    public async Task It_never_shortens(int seconds, string expected)
    {
        var id = await ApplyAsync(100);
        var text = await _rig.RefusalAsync("extend", new { change_id = id, ttl_seconds = seconds });
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
        Assert.Equal(2, _rig.Kernel.Held.Count);
    }

    [Fact]
    public async Task What_has_ended_or_never_was_is_refused()
    {
        var id = await ApplyAsync(100);
        await _rig.CallAsync("revert", new { all = true });
        Assert.Contains($"{id} ended at 2026-09-01T12:00:00Z", await _rig.RefusalAsync("extend", new { change_id = id }), StringComparison.Ordinal);
        Assert.Contains("no change has the id chg_none", await _rig.RefusalAsync("extend", new { change_id = "chg_none" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_whose_processes_have_ended_ends()
    {
        var id = await ApplyAsync(100);
        _rig.Machine.End(10);
        Assert.Contains("all processes that it names have ended", await _rig.RefusalAsync("extend", new { change_id = id }), StringComparison.Ordinal);
        Assert.Empty((await _rig.CallAsync("list_changes")).GetProperty("changes").EnumerateArray());
    }

    [Fact]
    public async Task The_topology_is_told_in_lists_that_set_affinity_takes()
    {
        _rig.Topology.Offline.Add(31);
        var result = await _rig.CallAsync("get_topology");
        Assert.Equal((31, "0-30", "31", 16), (result.GetProperty("cpus_online").GetInt32(), Text(result, "online"), Text(result, "offline"), result.GetProperty("cores").GetInt32()));
        Assert.Equal(["0-15", "16-30"], result.GetProperty("caches").EnumerateArray().Select(cache => Text(cache, "cpus")));
        Assert.Equal("0-1", result.GetProperty("core_cpus")[0].GetString());
        Assert.False(result.TryGetProperty("isolated", out _));
    }

    private async Task<string> ApplyAsync(int seconds) =>
        Text(await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, ttl_seconds = seconds }), "change_id");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
