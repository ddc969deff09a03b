using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>Whether a change helps, found out on a real kernel.</summary>
public abstract partial class SchedulerTests
{
    /// <summary>Twelve periods of four seconds, and what an emulated machine makes of them.</summary>
    private static readonly TimeSpan s_experimentLimit = TimeSpan.FromMinutes(3);

    [Fact]
    [Measured]
    public async Task An_experiment_finds_that_it_helps_to_go_before_hogs_and_leaves_nothing_of_it()
    {
        await Hogs.StartAsync(Guest, 4);
        GuestProcess service = await Guest.StartAsync("exec cox-wake --name web --period-us 10000 --work-us 1000");
        await service.WriteLineAsync("100000");
        McpSession session = await ServeAsync();

        JsonElement found = await session.CallAsync("run_experiment", new { intent = new { @class = "latency_critical", command = "^web$" } }, s_experimentLimit);

        Output(found.GetRawText());
        Assert.Equal("reverted", found.GetProperty("outcome").GetString());
        JsonElement effect = found.GetProperty("effect");
        Assert.Equal("better", effect.GetProperty("verdict").GetString());
        Assert.True(effect.GetProperty("on").GetDouble() < effect.GetProperty("off").GetDouble(), effect.GetRawText());
        // The hogs wait in its place, and get what it does not need.
        Assert.True(found.GetProperty("bystanders_cpu_pct").GetProperty("on").GetDouble() > 100, found.GetRawText());
        await ExpectDirectivesAsync([service.Pid], new KernelDirective(0, 0));
        JsonElement change = Assert.Single(Rows(await session.CallAsync("list_changes", new { include_ended = true }), "changes"));
        Assert.Equal("ended", change.GetProperty("state").GetString());
        Assert.Equal(0, await session.LeaveAsync());
    }
}
