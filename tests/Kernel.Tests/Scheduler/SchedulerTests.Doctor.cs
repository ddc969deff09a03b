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
    public async Task Doctor_measures_what_the_observer_costs_and_leaves_nothing_of_it_behind()
    {
        GuestResult result = (await Guest.RunAsync("coxswain doctor --measure --json", TimeSpan.FromSeconds(120))).Succeeded();

        JsonElement cost = JsonElement.Parse(result.Text).GetProperty("observer_cost");
        Output(cost.ToString());
        Assert.True(cost.GetProperty("measured").GetBoolean(), cost.ToString());
        Assert.InRange(cost.GetProperty("cpu_time_ratio").GetDouble(), 0.8, 1.5);
        Assert.InRange(cost.GetProperty("switch_without_ns").GetDouble(), 100, 10_000_000);
        Assert.InRange(cost.GetProperty("threads").GetInt32(), 1, 1000);
        // "No observer is on": its maps are gone, as soon as the kernel has come to it.
        (await Guest.RunAsync("for i in $(seq 50); do coxswain-guest observed >/dev/null 2>&1 || exit 0; usleep 200000; done; exit 1")).Succeeded();

        GuestResult beside = await Guest.RunAsync(
            """
            rm -f finished observed
            coxswain-guest observe --until finished >observed &
            until grep -q observing observed; do usleep 50000; done
            coxswain doctor --measure
            code=$?
            touch finished; wait; rm finished
            exit $code
            """, TimeSpan.FromSeconds(120));
        Assert.Equal(1, beside.ExitCode);
        Assert.Contains("An observer is on already", beside.Text, StringComparison.Ordinal);
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
