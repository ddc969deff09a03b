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
    public async Task Doctor_measures_what_the_observer_costs_and_keeps_it_loaded_no_longer()
    {
        GuestResult result = await Guest.RunAsync("coxswain doctor --measure --json");

        Output(result.Text);
        Assert.Equal(0, result.ExitCode);
        JsonElement cost = JsonElement.Parse(result.Text).GetProperty("observer_cost");
        Assert.True(cost.GetProperty("measured").GetBoolean(), result.Text);
        // How much it is, a test of its own asks; here, that the figures are of something that ran.
        double ratio = cost.GetProperty("cpu_time_ratio").GetDouble();
        Assert.InRange(ratio, cost.GetProperty("cpu_time_ratio_low").GetDouble(), cost.GetProperty("cpu_time_ratio_high").GetDouble());
        Assert.InRange(ratio, 0.5, 2);
        Assert.True(cost.GetProperty("switch_without_ns").GetDouble() > 100, result.Text);
        Assert.True(cost.GetProperty("roll_up_ms").GetDouble() > 0 && cost.GetProperty("threads").GetInt32() > 1, result.Text);
        // The kernel takes the maps away some time after the process.
        GuestResult left = await Guest.ControlAsync("for i in $(seq 20); do coxswain-guest observed || exit 0; usleep 100000; done; exit 1");
        Assert.True(left.ExitCode == 0, left.ToString());
        Assert.Contains("no observer is on", left.ErrorText, StringComparison.Ordinal);
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
