using System.Globalization;

namespace Coxswain.Kernel.Tests;

/// <summary>Directives that say on which CPUs.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task Tasks_of_a_hard_CPU_set_run_only_there_and_nobody_starves()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs free = await Hogs.StartAsync(Guest, 2);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "cpu-set");
        Hogs directed = await Hogs.StartAsync(Guest, 3, cgroup.Enter);

        await holder.AskAsync($"cgroup {cgroup.Path} hard 1");
        await SettleAsync();
        Assert.Equal("1", await directed.ProcessorsAsync());
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(5), free, directed);
        Assert.Equal("1", await directed.ProcessorsAsync());
        await holder.AskAsync($"cgroup {cgroup.Path} none");

        Counters counters = await holder.StopAsync();
        Assert.True(counters["set"] > 10, $"hardly a task was queued in its set: {counters}");
        Assert.True(counters["set_unusable"] == 0, $"{counters}");
    }

    [Fact]
    public async Task A_task_that_has_a_CPU_for_itself_leaves_it_when_a_hard_set_excludes_it()
    {
        Holder holder = await AttachAsync();
        Hogs alone = await Hogs.StartAsync(Guest, 1);

        foreach (int cpu in (int[])[0, 1, 0])
        {
            await holder.AskAsync(string.Create(CultureInfo.InvariantCulture, $"task {alone.Process.Pid} hard {cpu}"));
            await SettleAsync();
            Assert.Equal(cpu.ToString(CultureInfo.InvariantCulture), await alone.ProcessorsAsync());
        }

        await alone.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_hard_set_without_a_CPU_that_the_task_may_use_does_not_count()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs bound = await Hogs.StartAsync(Guest, 1, "exec taskset 1");

        await holder.AskAsync($"task {bound.Process.Pid} hard 1");
        await bound.AllProgressAsync(TimeSpan.FromSeconds(6));

        Assert.Equal("0", await bound.ProcessorsAsync());
        Counters counters = await holder.StopAsync();
        Assert.True(counters["set_unusable"] > 0, $"not counted: {counters}");
    }

    [Fact]
    public async Task A_soft_CPU_set_leaves_no_CPU_idle()
    {
        Holder holder = await AttachAsync();
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "cpu-set");
        Hogs directed = await Hogs.StartAsync(Guest, 3, cgroup.Enter);

        await holder.AskAsync($"cgroup {cgroup.Path} soft 1");
        await SettleAsync();
        Assert.Equal("0 1", await directed.ProcessorsAsync());
        await directed.AllProgressAsync(TimeSpan.FromSeconds(2));

        await holder.AskAsync($"cgroup {cgroup.Path} none");
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_hard_set_whose_CPU_goes_offline_does_not_count_until_it_is_back()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "cpu-set");
        Hogs directed = await Hogs.StartAsync(Guest, 3, cgroup.Enter);
        await holder.AskAsync($"cgroup {cgroup.Path} hard 1");

        (await Guest.RunAsync("echo 0 >/sys/devices/system/cpu/cpu1/online")).Succeeded();
        await directed.AllProgressAsync(TimeSpan.FromSeconds(6));
        (await Guest.RunAsync("echo 1 >/sys/devices/system/cpu/cpu1/online")).Succeeded();
        await SettleAsync();

        Assert.Equal("1", await directed.ProcessorsAsync());
        await holder.AskAsync($"cgroup {cgroup.Path} none");
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_CPU_that_the_machine_cannot_have_is_refused()
    {
        Holder holder = await AttachAsync();

        GuestException refusal = await Assert.ThrowsAsync<GuestException>(() => holder.AskAsync("task 1 hard 1023"));

        Assert.Contains("cannot have a CPU 1023", refusal.Message, StringComparison.Ordinal);
        await holder.StopAsync();
    }

    /// <summary>For the last slice that was given before.</summary>
    private static Task SettleAsync() => Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
}
