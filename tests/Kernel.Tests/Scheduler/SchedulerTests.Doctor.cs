using System.Text.Json;

namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    [Fact]
    public async Task Doctor_finds_nothing_wrong()
    {
        GuestResult text = await Guest.RunAsync("coxswain doctor");
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("The scheduler can run here.", text.Text, StringComparison.Ordinal);

        GuestResult json = await Guest.RunAsync("coxswain doctor --json");
        Assert.Equal(0, json.ExitCode);
        JsonElement report = JsonElement.Parse(json.Text);
        Assert.True(report.GetProperty("can_run").GetBoolean(), json.Text);
        Assert.Equal(Guest.Release, report.GetProperty("kernel").GetString());
        Assert.Equal("disabled", await StateAsync());
    }

    [Fact]
    public async Task Doctor_names_a_scheduler_that_is_attached()
    {
        Holder holder = await AttachAsync();

        await ExpectFindingAsync("coxswain doctor --json", "other_scheduler", "Stop it first");

        await holder.StopAsync();
    }

    [Fact]
    public async Task Doctor_names_missing_privileges() =>
        await ExpectFindingAsync("su -s /bin/sh nobody -c 'coxswain doctor --json'", "privileges", "Run it as root");

    [Fact]
    public async Task Doctor_names_a_JIT_that_is_off()
    {
        await using var off = await JitOffAsync();

        await ExpectFindingAsync("coxswain doctor --json", "bpf_jit", "net.core.bpf_jit_enable=1");
    }

    private async Task ExpectFindingAsync(string command, string check, string fix)
    {
        GuestResult result = await Guest.RunAsync(command);
        Assert.True(result.ExitCode == 1, result.ToString());
        JsonElement report = JsonElement.Parse(result.Text);
        Assert.False(report.GetProperty("can_run").GetBoolean(), result.Text);
        JsonElement finding = Assert.Single(report.GetProperty("checks").EnumerateArray(), c => c.GetProperty("status").GetString() == "failed");
        Assert.Equal(check, finding.GetProperty("name").GetString());
        Assert.Contains(fix, finding.GetProperty("fix").GetString(), StringComparison.Ordinal);
    }
}
