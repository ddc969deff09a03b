using System.Text.Json;

namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private const double LeastMegabytesPerSecond = 500;

    [Fact]
    [Measured]
    public async Task Garbage_collection_in_our_process_costs_urgent_tasks_little()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        GuestProcess relay = await Guest.StartAsync("exec cox-chain relay --name upf --listen 9001");
        await relay.ReadLineAsync();
        GuestProcess client = await Guest.StartAsync("exec cox-chain client --next 9001 --period-us 10000");
        await holder.AskAsync($"task {relay.Pid} latency_critical");
        await holder.AskAsync($"task {client.Pid} latency_critical");

        List<double> withAll = [], withoutAll = [];
        long autonomous = 0, collections = 0, megabytes = 0;
        double seconds = 0;
        for (int i = 0; i < Rounds; i++)
        {
            withoutAll.Add(await P99Async(client));
            Snapshot before = await holder.AskAsync("garbage start");
            withAll.Add(await P99Async(client));
            (Snapshot after, JsonElement garbage) = await holder.AskFullyAsync("garbage stop");
            Output(garbage.GetRawText());
            ExpectModeChangesCounted(after);
            seconds += garbage.GetProperty("seconds").GetDouble();
            autonomous += after.AutonomousCount - before.AutonomousCount;
            collections += garbage.GetProperty("blocking_collections").GetInt64();
            megabytes += garbage.GetProperty("allocated_mb").GetInt64();
        }

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        Counters counters = await holder.StopAsync();
        // One window may be worse than the others for what the host did meanwhile.
        double with = withAll.Order().ElementAt(Rounds / 2), without = withoutAll.Order().ElementAt(Rounds / 2);
        Output($"p99 {with} us with {megabytes / seconds:F0} MB of garbage a second and {collections} collections, {without} us without; {autonomous} times autonomous; {counters}");
        Assert.True(megabytes / seconds >= LeastMegabytesPerSecond, $"only {megabytes} MB of garbage in {seconds} s");
        Assert.True(collections > 10, $"only {collections} blocking collections");
        Assert.True(with <= without * 2, $"p99 {with} us with garbage collection, {without} us without");
    }
}
