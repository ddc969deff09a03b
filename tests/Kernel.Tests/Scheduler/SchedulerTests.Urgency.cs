using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>Who runs sooner than whom, measured. Ratios within one boot: absolute times are those of the emulator.</summary>
public abstract partial class SchedulerTests
{
    private const int Samples = 200;
    private const int Rounds = 3;

    [Fact]
    [Measured]
    public async Task Latency_critical_tasks_wait_at_most_half_as_long()
    {
        // First come, first served: the policy itself favours nobody.
        Holder holder = await AttachAsync("--policy fifo");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        GuestProcess relay = await Guest.StartAsync("exec cox-chain relay --name upf --listen 9001");
        await relay.ReadLineAsync();
        GuestProcess client = await Guest.StartAsync("exec cox-chain client --next 9001 --period-us 10000");

        // The best of several rounds: what the host does meanwhile makes some of them worse, and none better.
        double with = double.MaxValue, without = double.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            without = Math.Min(without, await P99Async(client));
            await holder.AskAsync($"task {relay.Pid} latency_critical");
            await holder.AskAsync($"task {client.Pid} latency_critical");
            with = Math.Min(with, await P99Async(client));
            await holder.AskAsync($"task {relay.Pid} none");
            await holder.AskAsync($"task {client.Pid} none");
        }

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        Counters counters = await holder.StopAsync();
        Output($"p99 {with} us with latency_critical, {without} us without; {counters}");
        Assert.True(counters["latency"] > Rounds * Samples, $"hardly a latency_critical task was queued: {counters}");
        Assert.True(counters["preempted"] > Samples, $"hardly a task was preempted: {counters}");
        Assert.True(with <= without / 2, $"p99 {with} us with latency_critical, {without} us without");
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

        for (int i = 0; i < 2; i++)
        {
            await Hogs.AllProgressAsync(TimeSpan.FromSeconds(5), nice, idle, many);
            Assert.Equal("enabled", await StateAsync());
        }

        Assert.True(await stress.IsRunningAsync(), await stress.ErrorAsync());
        await holder.StopAsync();
    }

    [Fact]
    public async Task Who_loses_its_CPU_while_the_kernel_waits_for_it_is_not_left_to_its_share()
    {
        // khugepaged has a share of a thousandth and copies pages as a reader of RCU: waiting for its turn each time, it
        // would hold up the kernel for longer than the kernel puts up with.
        await using GuestSetting eager = await GuestSetting.ChangeAsync(Guest, "/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", "10");
        Holder holder = await AttachAsync();
        // First this: with a share of a thousandth, a process takes long to start.
        GuestProcess readers = await Guest.StartAsync("exec nice -n 19 stress-ng --dentry 2 --vm 1 --vm-bytes 128m -t 600");
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
        Hogs hogs = await Hogs.StartAsync(Guest, 6);

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(8));

        Assert.True(await readers.IsRunningAsync(), await readers.ErrorAsync());
        await readers.KillAsync();
        Counters counters = await holder.StopAsync();
        Assert.True(counters["rcu_reader"] > 0, $"none was preempted as a reader of RCU: {counters}");
    }

    /// <summary>Round trips in one window of measurement.</summary>
    private static async Task<double> P99Async(GuestProcess client)
    {
        await client.WriteLineAsync($"{Samples} 20");
        // Looking for the line costs CPU time in the guest: not before it can be there.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        string line = await client.ReadLineAsync(TimeSpan.FromMinutes(2));
        Output(line);
        return JsonElement.Parse(line).GetProperty("round_trip_us").GetProperty("p99").GetDouble();
    }
}
