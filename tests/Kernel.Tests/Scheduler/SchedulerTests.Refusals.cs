using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>Where the scheduler cannot be attached: the reason is named, and nothing else is disturbed.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task A_second_scheduler_is_refused_and_the_first_unaffected()
    {
        Holder first = await AttachAsync();

        string reason = await RefusalAsync("coxswain-guest hold");

        Assert.Contains("'coxswain", reason, StringComparison.Ordinal);
        Assert.Contains("attached already", reason, StringComparison.Ordinal);
        Assert.Contains("Stop it first", reason, StringComparison.Ordinal);
        await first.StopAsync();
    }

    [Fact]
    public async Task Without_root_it_is_refused_with_the_fix()
    {
        string reason = await RefusalAsync("su -s /bin/sh nobody -c 'coxswain-guest hold'");

        Assert.Contains("not root", reason, StringComparison.Ordinal);
        Assert.Contains("Run it as root", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_JIT_it_is_refused_with_the_fix()
    {
        await using GuestSetting off = await JitOffAsync();

        string reason = await RefusalAsync("coxswain-guest hold");

        Assert.Contains("JIT is off", reason, StringComparison.Ordinal);
        Assert.Contains("net.core.bpf_jit_enable=1", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_another_scheduler_the_server_says_why_it_changes_nothing()
    {
        Holder first = await AttachAsync();
        Threads threads = await Threads.StartAsync(Guest);

        McpSession session = await McpSession.StartAsync(Guest);
        JsonElement status = await session.LoadedAsync();

        Assert.False(status.GetProperty("attached").GetBoolean(), status.GetRawText());
        Assert.Contains("attached already", status.GetProperty("reason").GetString(), StringComparison.Ordinal);
        string refusal = await session.RefusedAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "high" });
        Assert.Contains("attached already", refusal, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", refusal, StringComparison.Ordinal);
        Assert.Equal(0, await session.LeaveAsync());
        await first.StopAsync();
    }

    private Task<GuestSetting> JitOffAsync() => GuestSetting.ChangeAsync(Guest, "/proc/sys/net/core/bpf_jit_enable", "0");

    private async Task<string> RefusalAsync(string command)
    {
        GuestResult result = await Guest.RunAsync(command);
        Assert.True(result.ExitCode == 1, $"not refused: {result}");
        JsonElement answer = result.Json();
        Assert.Equal("failed", answer.GetProperty("event").GetString());
        return answer.GetProperty("reason").GetString()!;
    }
}
