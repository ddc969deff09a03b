using System.Text.Json;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>dry_run shows what every tool that changes threads would do, in the arguments of that tool, and does none of it.</summary>
public sealed class DryRunTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(10, "redis", "data", "redis-0", ("app", "redis"));
        _rig.StartInPod(20, "redis", "data", "redis-1", ("app", "redis"));
        _rig.Machine.Start(30, "nginx", "worker");
        _rig.Machine.Change(30, task => task with { Uid = 1000 });
        _rig.Machine.Change(31, task => task with { Uid = 1000 });
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task CPUs_are_previewed_and_the_plan_applies_exactly_them()
    {
        var arguments = new { cpus = "4-7", hard = false, @namespace = "data", ttl_seconds = 3600 };
        var plan = await _rig.CallAsync("dry_run", arguments);

        Assert.Equal((4, 2), (plan.GetProperty("threads").GetInt32(), plan.GetProperty("pods_total").GetInt32()));
        Assert.All(plan.GetProperty("tasks").EnumerateArray(), task => Assert.Equal("4-7", Text(task, "cpus_after")));
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Kernel.DefinedSets);

        var other = await _rig.RefusalAsync("set_affinity", new { cpus = "4-7", @namespace = "data", ttl_seconds = 3600, plan_id = Text(plan, "plan_id") });
        Assert.Contains("was made for other arguments", other, StringComparison.Ordinal);
        await _rig.CallAsync("set_affinity", new { arguments.cpus, arguments.hard, arguments.@namespace, arguments.ttl_seconds, plan_id = Text(plan, "plan_id") });
        Assert.Equal("soft 4,5,6,7", Assert.Single(_rig.Kernel.DefinedSets).Value.Cpus);

        var again = await _rig.CallAsync("dry_run", new { cpus = "0", pods = new[] { "redis-0" } });
        Assert.All(again.GetProperty("tasks").EnumerateArray(), task => Assert.Equal(("4-7", "0"), (Text(task, "cpus_before"), Text(task, "cpus_after"))));
    }

    [Fact]
    public async Task What_pinning_would_be_refused_is_refused_here()
    {
        Assert.Contains("this machine has CPUs 0-31", await _rig.RefusalAsync("dry_run", new { cpus = "64-71", command = "nginx" }), StringComparison.Ordinal);
        Assert.Contains("with the smaller number first", await _rig.RefusalAsync("dry_run", new { cpus = "7-4", command = "nginx" }), StringComparison.Ordinal);
        Assert.Contains("limit min_unpinned_cpus", await _rig.RefusalAsync("dry_run", new { cpus = "0-31", command = "nginx" }), StringComparison.Ordinal);
        Assert.Contains("hard goes with cpus", await _rig.RefusalAsync("dry_run", new { @class = "low", hard = true, command = "nginx" }), StringComparison.Ordinal);
        Assert.Contains("class, slice_us and cpus are set by different tools", await _rig.RefusalAsync("dry_run", new { cpus = "0", slice_us = 1000, command = "nginx" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_and_the_end_of_pods_are_previewed_too()
    {
        var user = await _rig.CallAsync("dry_run", new { @class = "low", uid = 1000 });
        Assert.Equal([30, 31], user.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("pid").GetInt32()));
        await _rig.CallAsync("prioritize_tasks", new { @class = "low", uid = 1000, plan_id = Text(user, "plan_id") });

        var bound = await _rig.CallAsync("dry_run", new { @class = "high", @namespace = "data", pods = new[] { "redis-0" }, until_pods_end = true });
        var forever = await _rig.RefusalAsync("prioritize_pods", new { @class = "high", @namespace = "data", pods = new[] { "redis-0" }, plan_id = Text(bound, "plan_id") });
        Assert.Contains("was made for other arguments", forever, StringComparison.Ordinal);
        await _rig.CallAsync("prioritize_pods", new { @class = "high", @namespace = "data", pods = new[] { "redis-0" }, until_pods_end = true, plan_id = Text(bound, "plan_id") });
        Assert.Contains("until_pods_end needs pods", await _rig.RefusalAsync("dry_run", new { @class = "high", command = "nginx", until_pods_end = true }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revert_is_previewed_with_what_each_thread_goes_back_to()
    {
        var older = await ChangeAsync("prioritize_pods", new { @class = "low", @namespace = "data" });
        var newer = await ChangeAsync("prioritize_pods", new { @class = "high", @namespace = "data", pods = new[] { "redis-0" } });
        var held = _rig.Kernel.Held;

        var preview = await _rig.CallAsync("dry_run", new { change_ids = new[] { newer, "chg_xxxxx" } });

        Assert.Equal((newer, "test-agent 7", 2), (Text(preview.GetProperty("would_end")[0], "change_id"), Text(preview.GetProperty("would_end")[0], "by"), preview.GetProperty("threads").GetInt32()));
        Assert.All(preview.GetProperty("tasks").EnumerateArray(), task => Assert.Equal(("high", "low"), (Text(task, "class_before"), Text(task, "class_after"))));
        Assert.Equal(("data/redis-0", "chg_xxxxx", 1), (preview.GetProperty("pods")[0].GetString(), preview.GetProperty("not_found")[0].GetString(), preview.GetProperty("remaining_active").GetInt32()));
        Assert.False(preview.TryGetProperty("plan_id", out _));
        Assert.Equal(held, _rig.Kernel.Held);

        Assert.Equal(2, (await _rig.CallAsync("dry_run", new { all = true })).GetProperty("would_end_total").GetInt32());
        Assert.Equal(2, (await _rig.CallAsync("dry_run", new { mine = true })).GetProperty("would_end_total").GetInt32());
        Assert.Equal(2, (await _rig.CallAsync("list_changes")).GetProperty("active").GetInt32());
        await _rig.CallAsync("revert", new { change_ids = new[] { older, newer } });
        Assert.Contains("nothing to do", Text(await _rig.CallAsync("dry_run", new { all = true }), "hint"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_revert_would_refuse_is_refused_here()
    {
        Assert.Contains("no change has the id chg_xxxxx", await _rig.RefusalAsync("dry_run", new { change_ids = new[] { "chg_xxxxx" } }), StringComparison.Ordinal);
        Assert.Contains("cannot be combined", await _rig.RefusalAsync("dry_run", new { mine = true, all = true }), StringComparison.Ordinal);
        Assert.Contains("which takes nothing else", await _rig.RefusalAsync("dry_run", new { all = true, pods = new[] { "redis-0" } }), StringComparison.Ordinal);
        Assert.Contains("to preview a revert give change_ids", await _rig.RefusalAsync("dry_run", new { command = "nginx" }), StringComparison.Ordinal);
    }

    private async Task<string> ChangeAsync(string tool, object arguments) => Text(await _rig.CallAsync(tool, arguments), "change_id");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
