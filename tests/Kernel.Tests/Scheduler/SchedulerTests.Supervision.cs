using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>The kernel ends the scheduler, and what comes of that.</summary>
public abstract partial class SchedulerTests
{
    private const int Stalled = 1026;
    private const int UnregisteredByKernel = 66;

    [Fact]
    public async Task A_scheduler_that_stalls_is_started_again_and_given_up_after_three_times()
    {
        Tolerated = ["sched_ext:"];
        (Supervised supervised, JsonElement first) = await Supervised.StartAsync(Guest, "--watchdog-ms 3000 --pause-ms 500 --suspect-ms 15000");
        Attached = 3;
        Assert.True(Supervised.IsAttached(first), first.GetRawText());
        Threads old = await Threads.StartAsync(Guest, "old"), fresh = await Threads.StartAsync(Guest, "fresh");
        string oldChange = (await supervised.AskAsync($"apply {old.Pid} high")).GetProperty("change").GetString()!;
        await Task.Delay(TimeSpan.FromSeconds(13), Cancellation);
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        string freshChange = (await supervised.AskAsync($"apply {fresh.Pid} high")).GetProperty("change").GetString()!;
        await FailAsync(supervised, failures: 1, "StartAgain");
        Assert.Equal("started_again", (await supervised.NextAsync()).GetProperty("event").GetString());

        JsonElement state = await supervised.AskAsync("changes");
        Assert.True(Supervised.IsAttached(state), state.GetRawText());
        Assert.Equal("active", state.GetProperty("changes").GetProperty(oldChange).GetString());
        Assert.Equal("Guard", state.GetProperty("changes").GetProperty(freshChange).GetString());
        await ExpectDirectivesAsync(old.Ids, new KernelDirective(KernelDirective.High, 0));
        await ExpectDirectivesAsync(fresh.Ids, new KernelDirective(0, 0));

        await FailAsync(supervised, failures: 2, "StartAgain");
        Assert.Equal("started_again", (await supervised.NextAsync()).GetProperty("event").GetString());
        await FailAsync(supervised, failures: 3, "GiveUp");

        state = await supervised.AskAsync("snapshot");
        Assert.False(Supervised.IsAttached(state), state.GetRawText());
        Assert.False(state.GetProperty("restart_pending").GetBoolean());
        Assert.Contains("not tried any more. The kernel's own scheduler runs.", Supervised.Reason(state), StringComparison.Ordinal);
        Assert.Equal("Guard", state.GetProperty("changes").GetProperty(oldChange).GetString());
        Assert.Equal("disabled", await StateAsync());
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));

        state = await supervised.AskAsync("start");
        Attached++;
        Assert.True(Supervised.IsAttached(state), state.GetRawText());
        await supervised.StopAsync();
    }

    [Fact]
    public async Task CPUs_that_come_and_go_only_delay_the_start()
    {
        Tolerated = ["sched_ext:"];
        // Before 7.0 a CPU that is taken offline while the kernel frees the maps of the test before may stay half way for ever.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        GuestProcess flapping = await Guest.StartAsync(
            "exec chrt -f 5 sh -c 'while :; do for on in 0 1; do echo $on >/sys/devices/system/cpu/cpu1/online; usleep 20000; done; done'");

        (Supervised supervised, JsonElement first) = await Supervised.StartAsync(Guest, "--pause-ms 500");
        Assert.False(Supervised.IsAttached(first), $"attached between two changes of the CPUs: {first}");
        Assert.True(first.GetProperty("restart_pending").GetBoolean(), first.GetRawText());
        await flapping.KillAsync();
        (await Guest.ControlAsync("echo 1 >/sys/devices/system/cpu/cpu1/online")).Succeeded();

        JsonElement next = await supervised.NextAsync();
        for (int i = 0; i < 20 && next.GetProperty("event").GetString() == "ended"; i++)
        {
            Assert.Equal(UnregisteredByKernel, next.GetProperty("kind").GetInt32());
            Assert.Equal(("StartAgain", 0), (next.GetProperty("next").GetString(), next.GetProperty("failures").GetInt32()));
            next = await supervised.NextAsync();
        }

        Attached++;
        Assert.Equal("started_again", next.GetProperty("event").GetString());
        JsonElement state = await supervised.AskAsync("snapshot");
        Assert.True(Supervised.IsAttached(state), state.GetRawText());
        await supervised.StopAsync();
    }

    [Fact]
    public async Task SysRq_S_takes_it_off_and_it_stays_off_until_it_is_asked_for()
    {
        Tolerated = ["sched_ext:"];
        Threads threads = await Threads.StartAsync(Guest);
        McpSession session = await ServeAsync();
        await session.CallAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "high" });

        (await Guest.ControlAsync("echo S >/proc/sysrq-trigger")).Succeeded();
        await WaitForStateAsync("disabled", TimeSpan.FromSeconds(10));
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation);

        JsonElement status = await session.CallAsync("get_status");
        Assert.False(status.GetProperty("attached").GetBoolean(), status.GetRawText());
        Assert.Contains("on purpose", status.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(67, status.GetProperty("last_exit").GetProperty("kind").GetInt32());
        JsonElement change = Assert.Single(Rows(await session.CallAsync("list_changes", new { include_ended = true }), "changes"));
        Assert.Equal("scheduler_ended", change.GetProperty("ended_by").GetString());
        Assert.EndsWith("Nothing was changed.", await session.RefusedAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "high" }), StringComparison.Ordinal);
        Assert.Equal("disabled", await StateAsync());

        JsonElement started = await session.CallAsync("start_scheduler");
        Attached++;
        Assert.True(started.GetProperty("after").GetProperty("attached").GetBoolean(), started.GetRawText());
        Assert.Equal("enabled", await StateAsync());
        Assert.Equal(0, await session.LeaveAsync());
    }

    [Fact]
    public async Task SysRq_D_dumps_its_state_and_changes_nothing()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        GuestResult dump = (await Guest.ControlAsync(
            """
            cd /sys/kernel/tracing
            echo >trace
            echo 1 >events/sched_ext/sched_ext_dump/enable
            echo D >/proc/sysrq-trigger
            sleep 1
            echo 0 >events/sched_ext/sched_ext_dump/enable
            grep -c . trace; grep -m1 hog trace
            """)).Succeeded();

        Assert.Contains("hog", dump.LastLine, StringComparison.Ordinal);
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
    }

    /// <summary>Makes the scheduler serve nobody, and waits until the kernel's watchdog has ended it.</summary>
    private static async Task FailAsync(Supervised supervised, int failures, string next)
    {
        await supervised.AskAsync("fail");
        JsonElement end = await supervised.NextAsync();
        Assert.Equal("ended", end.GetProperty("event").GetString());
        Assert.Equal(Stalled, end.GetProperty("kind").GetInt32());
        Assert.Equal((next, failures), (end.GetProperty("next").GetString(), end.GetProperty("failures").GetInt32()));
        Assert.True(end.GetProperty("dump_length").GetInt32() > 1000, end.GetRawText());
    }
}
