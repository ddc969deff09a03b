using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>What a client sets of the scheduler itself is so in the kernel, without detaching it.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task A_client_changes_mode_and_policy_and_stops_and_starts_it()
    {
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        McpSession session = await ServeAsync();

        JsonElement set = await session.CallAsync("set_mode", new { mode = "kernel", slice_us = 5000 });
        Assert.Equal("kernel", set.GetProperty("after").GetProperty("mode").GetString());
        Assert.Equal(5000, set.GetProperty("after").GetProperty("slice_us").GetInt64());
        long parked = Counter(await ModeAsync(), "parked");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        Assert.InRange(Counter(await ModeAsync(), "parked"), parked, parked + 2);

        await session.CallAsync("set_mode", new { mode = "assist" });
        set = await session.CallAsync("set_policy", new { policy = "fifo" });
        Assert.Equal("fifo", set.GetProperty("after").GetProperty("policy").GetString());
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        Assert.True(Counter(await ModeAsync(), "moved") > 0, (await ModeAsync()).GetRawText());

        set = await session.CallAsync("stop_scheduler");
        Assert.False(set.GetProperty("after").GetProperty("attached").GetBoolean());
        Assert.Equal("disabled", await StateAsync());
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));

        Attached++;
        set = await session.CallAsync("start_scheduler");
        Assert.True(set.GetProperty("after").GetProperty("attached").GetBoolean(), set.GetRawText());
        Assert.Equal("fifo", set.GetProperty("after").GetProperty("policy").GetString());
        Assert.Equal("enabled", await StateAsync());
        await EndAsync(session);
    }
}
