using System.Globalization;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>Two last-level caches of two CPUs each.</summary>
[RunsOn("newest", Topology = "sockets=2,cores=2")]
public sealed class TopologyTests(BootedKernel<TopologyTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<TopologyTests>>
{
    [Fact]
    public async Task No_CPU_idles_while_tasks_wait_in_another_LLC()
    {
        Holder holder = await AttachAsync();
        // All born in one LLC, and then free to go.
        Hogs hogs = await Hogs.StartAsync(Guest, 4, "exec taskset 3");
        await FreeAsync(hogs);
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));

        Assert.Equal("0 1 2 3", await hogs.ProcessorsAsync());
        TestContext.Current.TestOutputHelper?.WriteLine((await holder.StopAsync()).ToString());
    }

    [Fact]
    [Measured]
    public async Task Tasks_of_a_crowded_LLC_get_as_much_as_those_of_the_other()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs few = await Hogs.StartAsync(Guest, 2, "exec taskset c");
        Hogs many = await Hogs.StartAsync(Guest, 6, "exec taskset 3");
        await FreeAsync(few);
        await FreeAsync(many);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        long[] work = await Hogs.WorkAsync(TimeSpan.FromSeconds(10), few, many);

        Counters counters = await holder.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', work)}; {counters}");
        Assert.True(counters["llc_balanced"] > 0, $"nobody went to the other LLC: {counters}");
        Assert.True(work.Max() < 1.5 * work.Min(), string.Join(' ', work));
    }

    [Fact]
    public async Task An_LLC_can_go_offline_as_a_whole()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 6);

        (await Guest.RunAsync("for c in 2 3; do echo 0 >/sys/devices/system/cpu/cpu$c/online; done")).Succeeded();
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(6));
        (await Guest.RunAsync("for c in 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/online; done")).Succeeded();

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        await holder.StopAsync();
    }

    [Fact]
    public async Task Each_LLC_has_a_dispatch_loop_that_runs_on_its_CPUs()
    {
        Holder holder = await AttachAsync();

        Assert.Equal(2, holder.First.DispatchLoops);
        Assert.Equal("0-1", await AllowedAsync(holder, "cox-dispatch"));
        Assert.Equal("2-3", await AllowedAsync(holder, "cox-dispatch/1"));
        await holder.StopAsync();
    }

    [Theory]
    [InlineData("3", "cox-dispatch", "cox-dispatch/1")]
    [InlineData("c", "cox-dispatch/1", "cox-dispatch")]
    public async Task The_loop_of_an_LLC_is_asked_about_the_tasks_there_and_no_other(string cpus, string asked, string other)
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 5, $"exec taskset {cpus}");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        Snapshot before = await holder.CheckAsync();
        long turns = await TurnsAsync(holder, asked), others = await TurnsAsync(holder, other);

        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        turns = await TurnsAsync(holder, asked) - turns;
        others = await TurnsAsync(holder, other) - others;
        long moved = (await holder.CheckAsync()).Counters["moved"] - before.Counters["moved"];
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked} ran {turns} times, {other} {others}; {moved} tasks moved by verdicts");
        Assert.True(moved > 20, $"only {moved} tasks moved by verdicts");
        Assert.True(turns > 20, $"{asked} ran {turns} times");
        Assert.True(others < turns / 5, $"{other} ran {others} times"); // its heartbeats
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_loop_that_is_held_up_leaves_the_other_LLC_its_own()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000 --stale-ms 200");
        Hogs near = await Hogs.StartAsync(Guest, 4, "exec taskset c");
        Hogs far = await Hogs.StartAsync(Guest, 4, "exec taskset 3");
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(2), near, far);

        GuestProcess debugger = await Guest.StartAsync($"exec coxswain-guest ptrace --pid {holder.Process.Pid} --thread cox-dispatch/1 --ms 6000");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Snapshot held = await holder.CheckAsync();
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(3), near, far);
        Snapshot later = await holder.CheckAsync();
        Assert.Equal(0, await debugger.WaitAsync());
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(2), near, far);

        Snapshot after = await holder.CheckAsync();
        Assert.Equal("autonomous", held.Mode);
        Assert.Equal("autonomous", later.Mode);
        Assert.Equal("assist", after.Mode);
        Assert.True(later.Counters["moved"] > held.Counters["moved"], $"the other loop answered nobody: {later}");
        Assert.Contains(1, after.LoopsOfModeChanges);
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_CPU_set_across_LLCs_has_one_loop_and_works_in_every_mode()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 6);
        foreach (string pid in await hogs.PidsAsync())
        {
            await holder.AskAsync($"task {pid} hard 1-2");
        }

        foreach (string mode in (string[])["assist", "strict", "kernel"])
        {
            await holder.AskAsync($"mode {mode}");
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
            Assert.Equal("1 2", await hogs.ProcessorsAsync());
        }

        await holder.StopAsync();
    }

    [Fact]
    public async Task One_loop_serves_both_LLCs_when_that_is_wanted()
    {
        Holder holder = await AttachAsync("--loops 1");
        Hogs hogs = await Hogs.StartAsync(Guest, 8);
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(3));

        Assert.Equal(1, holder.First.DispatchLoops);
        Assert.Equal("0-3", await AllowedAsync(holder, "cox-dispatch"));
        Assert.True((await holder.StopAsync())["moved"] > 0);
    }

    private async Task<string> AllowedAsync(Holder holder, string thread) =>
        (await OfThreadAsync(holder, thread, "sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' $task/status")).LastLine;

    /// <summary>How often a thread went to sleep or lost its CPU.</summary>
    private async Task<long> TurnsAsync(Holder holder, string thread) => long.Parse(
        (await OfThreadAsync(holder, thread, "awk '/ctxt_switches/ { n += $2 } END { print n }' $task/status")).LastLine, CultureInfo.InvariantCulture);

    private async Task<GuestResult> OfThreadAsync(Holder holder, string thread, string command) => (await Guest.ControlAsync(
        $$"""
        for task in /proc/{{holder.Process.Pid}}/task/*; do
            [ "$(cat $task/comm)" = {{thread}} ] && {{command}}
        done
        true
        """)).Succeeded();

    private async Task FreeAsync(Hogs hogs) => (await Guest.ControlAsync(
        $"for pid in {hogs.Process.Pid} $(cat /proc/{hogs.Process.Pid}/task/*/children); do taskset -p f $pid; done")).Succeeded();
}
