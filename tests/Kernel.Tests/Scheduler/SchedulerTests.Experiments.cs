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
        // It needs more than an equal share of a CPU: fairness alone does not let it go first.
        await Hogs.StartAsync(Guest, 8);
        GuestProcess service = await Guest.StartAsync("exec cox-wake --name web --period-us 20000 --work-us 8000");
        await service.WriteLineAsync("100000");
        McpSession session = await ServeAsync();

        JsonElement found = await session.CallAsync("run_experiment", new { intent = new { @class = "latency_critical", command = "^web$" } }, s_experimentLimit);

        Output(found.GetRawText());
        Assert.Equal("reverted", found.GetProperty("outcome").GetString());
        JsonElement effect = found.GetProperty("effect");
        Assert.Equal("better", effect.GetProperty("verdict").GetString());
        Assert.True(effect.GetProperty("on").GetDouble() < effect.GetProperty("off").GetDouble(), effect.GetRawText());
        // The hogs get what it does not need.
        Assert.True(found.GetProperty("bystanders_cpu_pct").GetProperty("on").GetDouble() > 80, found.GetRawText());
        await ExpectDirectivesAsync([service.Pid], new KernelDirective(0, 0));
        JsonElement changes = await session.CallAsync("list_changes", new { include_ended = true });
        Assert.Equal(0, changes.GetProperty("active").GetInt32());
        Assert.NotEmpty(Rows(changes, "changes"));
        Assert.Equal(0, await session.LeaveAsync());
    }
}
