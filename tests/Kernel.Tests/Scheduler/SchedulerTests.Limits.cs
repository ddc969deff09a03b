using System.Globalization;

namespace Coxswain.Kernel.Tests;

/// <summary>cpu.max and cpu.idle of cgroups hold while our scheduler is attached, as they do with the kernel's own.</summary>
public abstract partial class SchedulerTests
{
    private const string HalfACpu = "50000 100000";
    private const string NoLimit = "max 100000";

    /// <summary>Of a limit: what a group may use more or less of than it says.</summary>
    private const double Tolerance = 0.15;

    /// <summary>
    /// Instead of a half. By weight it is a hundredth; but each task has a turn once a second, and that lasts until the CPU's
    /// next tick, which the emulator of a busy machine delivers late.
    /// </summary>
    private const double IdleShareMax = 0.25;

    [Fact]
    [Measured]
    public async Task A_cgroup_gets_the_CPU_time_of_its_cpu_max_also_when_that_changes()
    {
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "limited");
        // What was set before we came counts, too.
        await cgroup.SetAsync("cpu.max", HalfACpu);
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs inside = await Hogs.StartAsync(Guest, 3, cgroup.Enter);
        await using Cgroup beside = await Cgroup.CreateAsync(Guest, "beside");
        Hogs outside = await Hogs.StartAsync(Guest, 2, beside.Enter);

        await UsesAsync(0.5, cgroup);
        await cgroup.SetAsync("cpu.max", "20000 100000");
        await UsesAsync(0.2, cgroup);
        await cgroup.SetAsync("cpu.max", "5000 10000");
        await UsesAsync(0.5, cgroup);
        await inside.AllProgressAsync(TimeSpan.FromSeconds(3));

        // Of two CPUs each cgroup has one.
        await cgroup.SetAsync("cpu.max", NoLimit);
        await UsesAsync(1, cgroup);
        await outside.AllProgressAsync(TimeSpan.FromSeconds(2));
        Counters counters = await holder.StopAsync();
        Assert.True(counters["throttled"] > 0 && counters["throttled_ns"] > 0, counters.ToString());
        Assert.True(counters["throttle_waived"] == 0, $"somebody waited for longer than the limits say: {counters}");
    }

    [Fact]
    [Measured]
    public async Task A_task_is_limited_by_each_cgroup_above_it()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await using Cgroup outer = await Cgroup.CreateAsync(Guest, "outer");
        await outer.SetAsync("cgroup.subtree_control", "+cpu");
        await outer.SetAsync("cpu.max", "60000 100000");
        await using Cgroup small = await Cgroup.CreateAsync(Guest, "outer/small");
        await using Cgroup large = await Cgroup.CreateAsync(Guest, "outer/large");
        await small.SetAsync("cpu.max", "20000 100000");
        Hogs one = await Hogs.StartAsync(Guest, 2, small.Enter);
        Hogs two = await Hogs.StartAsync(Guest, 2, large.Enter);

        double[] used = await Cgroup.CpusUsedAsync(TimeSpan.FromSeconds(10), outer, small, large);

        Output(string.Join(' ', used.Select(u => u.ToString("F2", CultureInfo.InvariantCulture))));
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(3), one, two);
        await holder.StopAsync();
        Assert.InRange(used[0], 0.6 * (1 - Tolerance), 0.6 * (1 + Tolerance));
        // It would have a half of that, were it not for its own limit.
        Assert.InRange(used[1], 0.2 * (1 - Tolerance), 0.2 * (1 + Tolerance));
        Assert.InRange(used[2], 0.4 * (1 - Tolerance), 0.4 * (1 + Tolerance));
    }

    [Fact]
    public async Task The_smallest_limit_stalls_nobody_and_no_task_is_lost_with_the_scheduler()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "starved");
        // The longest period, and a thousandth of a CPU for four.
        await cgroup.SetAsync("cpu.max", "1000 1000000");
        Hogs inside = await Hogs.StartAsync(Guest, 4, cgroup.Enter);

        double used = (await Cgroup.CpusUsedAsync(TimeSpan.FromSeconds(8), cgroup))[0];
        Output(used.ToString("F3", CultureInfo.InvariantCulture));
        // The kernel calls it a stall after 5 s: each has to run before, for a tick of its clock.
        await inside.AllProgressAsync(TimeSpan.FromSeconds(4));
        Assert.True(used < 0.1, $"{used} CPUs used");

        (await Guest.RunAsync("echo 0 >/sys/devices/system/cpu/cpu1/online && echo 1 >/sys/devices/system/cpu/cpu1/online", s_loadLimit)).Succeeded();
        await holder.CheckAsync();

        // Throttled as they are, they are handed back to the kernel, which has a limit of its own.
        Counters counters = await holder.StopAsync();
        await cgroup.SetAsync("cpu.max", NoLimit);
        await inside.AllProgressAsync(TimeSpan.FromSeconds(2));
        Assert.True(counters["throttled"] > 0, counters.ToString());
    }

    [Fact]
    [Measured]
    public async Task A_cgroup_with_cpu_idle_gets_what_the_others_leave()
    {
        await using Cgroup idle = await Cgroup.CreateAsync(Guest, "idle");
        await using Cgroup usual = await Cgroup.CreateAsync(Guest, "usual");
        await idle.SetAsync("cpu.idle", "1");
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs first = await Hogs.StartAsync(Guest, 2, idle.Enter);
        Hogs second = await Hogs.StartAsync(Guest, 2, usual.Enter);

        Assert.InRange(await IdleShareAsync(first, second), 0.001, IdleShareMax);
        await first.AllProgressAsync(TimeSpan.FromSeconds(4));
        await idle.SetAsync("cpu.idle", "0");
        Assert.InRange(await IdleShareAsync(first, second), 0.4, 0.6);
        await idle.SetAsync("cpu.idle", "1");
        Assert.InRange(await IdleShareAsync(first, second), 0.001, IdleShareMax);

        await holder.StopAsync();
    }

    private static async Task<double> IdleShareAsync(Hogs idle, Hogs usual)
    {
        long[] work = await WarmWorkAsync(idle, usual);
        Output(string.Join(' ', work));
        return (double)work[..2].Sum() / work.Sum();
    }

    private static async Task UsesAsync(double cpus, Cgroup cgroup)
    {
        await Task.Delay(s_warmUp, Cancellation);
        double used = (await Cgroup.CpusUsedAsync(TimeSpan.FromSeconds(8), cgroup))[0];
        Output($"{used:F3} instead of {cpus:F2}");
        Assert.InRange(used, cpus * (1 - Tolerance), cpus * (1 + Tolerance));
    }
}
