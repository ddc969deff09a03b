using System.Text.Json;
using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;
using Coxswain.Mcp.Results;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Tools that change the scheduler itself: how it works, and whether it does.</summary>
public sealed class SchedulerToolsTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await ToolRig.StartAsync(supervised: true);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("assist")]
    [InlineData("kernel")]
    [InlineData("strict")]
    public async Task A_mode_is_set_and_the_old_one_told(string mode)
    {
        var result = await _rig.CallAsync("set_mode", new { mode });
        Assert.Equal("assist", Text(result, "before", "mode"));
        Assert.Equal(mode, Text(result, "after", "mode"));
        Assert.Equal(mode, (await _rig.CallAsync("get_status")).GetProperty("mode").GetString());
    }

    [Fact]
    public async Task Lease_and_slice_are_set_and_the_mode_stays()
    {
        var result = await _rig.CallAsync("set_mode", new { lease_us = 0, slice_us = 5000 });
        var after = result.GetProperty("after");
        Assert.Equal((0, 5000), (after.GetProperty("lease_us").GetInt64(), after.GetProperty("slice_us").GetInt64()));
        Assert.Equal("assist", after.GetProperty("mode").GetString());
        Assert.Equal(2000, result.GetProperty("before").GetProperty("lease_us").GetInt64());
    }

    [Fact]
    public async Task A_policy_is_set_and_the_old_one_told()
    {
        var result = await _rig.CallAsync("set_policy", new { policy = "fifo" });
        Assert.Equal(("vtime", "fifo"), (Text(result, "before", "policy"), Text(result, "after", "policy")));
        Assert.Contains("set_policy with vtime", result.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_policies_that_can_be_set_are_those_that_there_are() =>
        Assert.Equal(PolicyNames.All.Order(), Enum.GetNames<PolicyName>().Select(name => name.ToLowerInvariant()).Order());

    [Theory]
    [InlineData("set_mode", """{"mode":"autonomous"}""", "'mode'=\"autonomous\"")]
    [InlineData("set_mode", """{"lease_us":20001}""", "'lease_us'=20001")]
    [InlineData("set_mode", """{"slice_us":999}""", "'slice_us'=999")]
    [InlineData("set_mode", "{}", "nothing is to be set")]
    [InlineData("set_policy", """{"policy":"lottery"}""", "'policy'=\"lottery\"")]
    [InlineData("set_policy", "{}", "missing required argument 'policy'")]
    public async Task What_cannot_be_set_is_refused(string tool, string arguments, string why)
    {
        var refusal = await _rig.RefusalAsync(tool, JsonElement.Parse(arguments));
        Assert.Contains(why, refusal, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", refusal, StringComparison.Ordinal);
        Assert.Equal("assist", (await _rig.CallAsync("get_status")).GetProperty("mode").GetString());
    }

    [Fact]
    public async Task Stopping_ends_every_change_and_starting_brings_none_back()
    {
        _rig.Machine.Start(100, "nginx");
        await _rig.CallAsync("prioritize_tasks", new { pids = new[] { 100 }, @class = "high" });

        var stopped = await _rig.CallAsync("stop_scheduler");

        Assert.Equal(1, stopped.GetProperty("changes_ended").GetInt32());
        Assert.True(stopped.GetProperty("before").GetProperty("attached").GetBoolean());
        Assert.False(stopped.GetProperty("after").GetProperty("attached").GetBoolean());
        Assert.Equal(0, (await _rig.CallAsync("list_changes")).GetProperty("active").GetInt32());
        var refusal = await _rig.RefusalAsync("set_mode", new { mode = "kernel" });
        Assert.Contains("start_scheduler starts it", refusal, StringComparison.Ordinal);

        var started = await _rig.CallAsync("start_scheduler");

        Assert.True(started.GetProperty("after").GetProperty("attached").GetBoolean());
        Assert.Equal(0, (await _rig.CallAsync("list_changes")).GetProperty("active").GetInt32());
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task Starting_what_runs_and_stopping_what_does_not_change_nothing()
    {
        Assert.Contains("attached already", (await _rig.CallAsync("start_scheduler")).GetProperty("hint").GetString(), StringComparison.Ordinal);
        await _rig.CallAsync("stop_scheduler");
        Assert.False((await _rig.CallAsync("stop_scheduler")).GetProperty("before").GetProperty("attached").GetBoolean());
    }

    [Fact]
    public async Task A_start_that_fails_says_why()
    {
        await _rig.CallAsync("stop_scheduler");
        _rig.Kernel.NextStarts.Enqueue(new SchedulerUnavailableException("The BPF JIT is off. Run: sysctl net.core.bpf_jit_enable=1"));

        var result = await _rig.CallAsync("start_scheduler");

        Assert.False(result.GetProperty("after").GetProperty("attached").GetBoolean());
        Assert.Contains("JIT is off", result.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement result, string part, string name) => result.GetProperty(part).GetProperty(name).GetString();
}
