using System.Text.Json;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>The units that packages install, under a systemd of this machine: what they forbid the daemon, it must not need.</summary>
[RunsOn("newest")]
public sealed class ServiceUnitTests(BootedServices<ServiceUnitTests> services) : BootTest(services), IClassFixture<BootedServices<ServiceUnitTests>>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_first_client_starts_the_daemon_and_all_it_may_do_works()
    {
        Assert.Contains("warning pid_namespace", (await Guest.RunAsync($"{services.Inside} coxswain doctor")).Text, StringComparison.Ordinal);
        await SystemctlAsync("start coxswain.socket");
        GuestProcess hog = await Guest.StartAsync($"exec {services.Inside} cox-hog");

        McpSession session = await ConnectAsync();

        Assert.Equal("active", await SystemctlAsync("is-active coxswain.service"));
        JsonElement change = await session.CallAsync("prioritize_tasks", new { command = "^hog$", @class = "high", ttl_seconds = 600, reason = "test" });
        Assert.Equal(1, change.GetProperty("applied").GetInt32());
        JsonElement tasks = await session.CallAsync("list_tasks", new { command = "^hog$" });
        Assert.Equal("high", tasks.GetProperty("tasks")[0].GetProperty("class").GetString());
        JsonElement metrics = await session.CallAsync("get_metrics", new { scope = "command", name = "^hog$", window_seconds = 3 });
        Assert.InRange(metrics.GetProperty("samples").GetInt64(), 1, long.MaxValue);
        JsonElement status = await session.CallAsync("get_status", new { });
        Assert.True(status.GetProperty("counters").TryGetProperty("own", out _), $"in its PID namespace its own threads are not known as such: {status}");
        await session.LeaveAsync();
        await hog.KillAsync();
        await StopAsync();
    }

    [Fact]
    public async Task One_that_hangs_is_restarted_and_one_that_is_told_to_reads_its_settings_again()
    {
        await SystemctlAsync("start coxswain.socket coxswain.service");
        await (await ConnectAsync()).LeaveAsync();

        await SystemctlAsync("kill --signal=STOP coxswain.service");

        (await Guest.RunAsync($"until [ $({services.Inside} systemctl show --value --property=NRestarts coxswain.service) = 1 ]; do usleep 200000; done", s_patience)).Succeeded();
        McpSession session = await ConnectAsync();
        (await Guest.RunAsync($"{services.Inside} sh -c 'printf \"[tools]\\nread_only = true\\n\" >/etc/coxswain/config.toml'")).Succeeded();
        await SystemctlAsync("reload coxswain.service");
        await session.LeaveAsync();
        session = await ConnectAsync(isNew: false);
        Assert.Contains("read-only", await session.RefusedAsync("prioritize_tasks", new { command = ".", @class = "high" }), StringComparison.OrdinalIgnoreCase);
        await session.LeaveAsync();
        (await Guest.RunAsync($"{services.Inside} rm /etc/coxswain/config.toml")).Succeeded();
        await StopAsync();
    }

    private async Task<McpSession> ConnectAsync(bool isNew = true)
    {
        McpSession session = await McpSession.StartAsync(Guest, $"exec {services.Inside} coxswain mcp");
        JsonElement status = await session.LoadedAsync();
        Assert.True(status.GetProperty("attached").GetBoolean(), status.ToString());
        Attached += isNew ? 1 : 0;
        return session;
    }

    private async Task StopAsync()
    {
        await SystemctlAsync("stop coxswain.socket coxswain.service");
        await WaitForStateAsync("disabled", TimeSpan.FromSeconds(10));
        Assert.Equal("success", await SystemctlAsync("show --value --property=Result coxswain.service"));
    }

    private async Task<string> SystemctlAsync(string arguments) => (await Guest.RunAsync($"{services.Inside} systemctl {arguments}", s_patience)).Succeeded().LastLine;
}
