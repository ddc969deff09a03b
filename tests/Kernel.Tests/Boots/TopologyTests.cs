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

    private async Task FreeAsync(Hogs hogs) => (await Guest.ControlAsync(
        $"for pid in {hogs.Process.Pid} $(cat /proc/{hogs.Process.Pid}/task/*/children); do taskset -p f $pid; done")).Succeeded();
}
