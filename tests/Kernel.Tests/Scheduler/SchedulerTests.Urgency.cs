using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>Who runs sooner than whom, measured. Ratios within one boot: absolute times are those of the emulator.</summary>
public abstract partial class SchedulerTests
{
    private const int Samples = 300;

    [Fact]
    public async Task Latency_critical_tasks_wait_at_most_half_as_long()
    {
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        GuestProcess relay = await Guest.StartAsync("exec cox-chain relay --name upf --listen 9001");
        await relay.ReadLineAsync();
        GuestProcess client = await Guest.StartAsync("exec cox-chain client --next 9001 --period-us 10000");
        McpSession session = await ServeAsync();

        JsonElement without = await RoundTripsAsync(client);
        await session.CallAsync("prioritize_tasks", new { pids = (int[])[relay.Pid, client.Pid], @class = "latency_critical" });
        JsonElement with = await RoundTripsAsync(client);
        await session.CallAsync("revert", new { all = true });
        JsonElement reverted = await RoundTripsAsync(client);

        Output($"without: {without}\nwith: {with}\nreverted: {reverted}");
        Assert.Equal(0, with.GetProperty("lost").GetInt32());
        Assert.True(P99(with) <= P99(without) / 2, $"p99 {P99(with)} us with latency_critical, {P99(without)} us without");
        Assert.True(P99(with) <= P99(reverted) / 2, $"p99 {P99(with)} us with latency_critical, {P99(reverted)} us after it was reverted");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await EndAsync(session);
    }

    [Fact]
    public async Task A_task_of_the_least_weight_is_not_starved()
    {
        // A task that the watchdog finds waiting for 5 s ends the scheduler. Kernel threads, too, run at nice 19, and may
        // hold what everybody waits for.
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        // First these: with a share of a thousandth, a process takes a minute to start.
        Hogs nice = await Hogs.StartAsync(Guest, 1, "exec nice -n 19");
        Hogs idle = await Hogs.StartAsync(Guest, 1, "exec chrt -i 0");
        Hogs many = await Hogs.StartAsync(Guest, 6);
        GuestProcess stress = await Guest.StartAsync("exec stress-ng --cpu 4 --fork 2 --switch 2 -t 600");

        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
            await nice.AllProgressAsync(TimeSpan.FromSeconds(3));
            await idle.AllProgressAsync(TimeSpan.FromSeconds(3));
            await many.AllProgressAsync(TimeSpan.FromSeconds(1));
            Assert.Equal("enabled", await StateAsync());
        }

        Assert.True(await stress.IsRunningAsync(), await stress.ErrorAsync());
        await holder.StopAsync();
    }

    private static double P99(JsonElement window) => window.GetProperty("round_trip_us").GetProperty("p99").GetDouble();

    /// <summary>One window of measurement.</summary>
    private static async Task<JsonElement> RoundTripsAsync(GuestProcess client)
    {
        await client.WriteLineAsync($"{Samples} 20");
        // Looking for the line costs CPU time in the guest: not before it can be there.
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation);
        return JsonElement.Parse(await client.ReadLineAsync(TimeSpan.FromMinutes(2)));
    }
}
