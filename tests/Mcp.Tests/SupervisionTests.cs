using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What a client sees of a scheduler that fails.</summary>
public sealed class SupervisionTests
{
    [Fact]
    public async Task A_failure_is_told_with_what_comes_next_and_passes()
    {
        await using var rig = await ToolRig.StartAsync(supervised: true);
        rig.Machine.Start(10, "upf");
        Assert.True((await rig.CallAsync("get_status")).GetProperty("attached").GetBoolean());
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } });

        rig.Kernel.Eject("runnable task stall", dump: "CPU states");
        rig.Time.Advance(TimeSpan.FromSeconds(0.25));

        var status = await rig.CallAsync("get_status");
        Assert.False(status.GetProperty("attached").GetBoolean());
        Assert.Equal(
            "The kernel ended the scheduler: runnable task stall. The kernel's own scheduler runs. Failure 1 of at most 3; it is started again within 1 s.",
            status.GetProperty("reason").GetString());
        Assert.StartsWith("The scheduler is started again by itself", status.GetProperty("hint").GetString(), StringComparison.Ordinal);
        var change = Assert.Single((await rig.CallAsync("list_changes", new { include_ended = true })).GetProperty("changes").EnumerateArray());
        Assert.Equal(("reverted", "guard"), (change.GetProperty("ended_by").GetString(), change.GetProperty("reverted_by").GetString()));
        Assert.Equal("ejected", change.GetProperty("finding").GetProperty("trigger").GetString());
        Assert.Contains(rig.Log.Messages, message => message.Contains("CPU states", StringComparison.Ordinal));

        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await rig.CallAsync("get_status")).GetProperty("attached").GetBoolean());
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } });
    }

    [Fact]
    public async Task A_scheduler_that_is_given_up_says_so_and_the_server_goes_on()
    {
        await using var rig = await ToolRig.StartAsync(supervised: true);
        rig.Machine.Start(10, "upf");
        await rig.CallAsync("get_status");
        for (var i = 0; i < 3; i++)
        {
            rig.Kernel.Eject("runnable task stall");
            rig.Time.Advance(TimeSpan.FromSeconds(0.25));
            rig.Time.Advance(TimeSpan.FromSeconds(5));
        }

        var status = await rig.CallAsync("get_status");
        Assert.Contains("That was failure 3 within 600 s", status.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", await rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } }), StringComparison.Ordinal);
        Assert.Equal(1, (await rig.CallAsync("list_tasks", new { pid = 10 })).GetProperty("total").GetInt32());
    }
}
