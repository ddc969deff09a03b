using System.Globalization;

namespace Coxswain.Kernel.Tests;

/// <summary>Who gets how much: ratios of work done in the same window.</summary>
public abstract partial class SchedulerTests
{
    private static readonly TimeSpan s_fairWindow = TimeSpan.FromSeconds(12);

    /// <summary>Tasks that have run before the window are beyond the credit and debt of their start.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    [Fact]
    [Measured]
    public async Task Equal_tasks_get_the_same_within_a_tenth()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 5);

        long[] work = await WarmWorkAsync(hogs);

        Output(string.Join(' ', work));
        await holder.StopAsync();
        Assert.True(work.Max() - work.Min() <= work.Average() * 0.1, string.Join(' ', work));
    }

    [Fact]
    [Measured]
    public async Task Nice_tasks_get_what_their_weight_says()
    {
        // sched_prio_to_weight: 1024 at nice 0, 335 at nice 5.
        const double Wanted = 1024.0 / 335;
        Holder holder = await AttachAsync();
        Hogs nice = await Hogs.StartAsync(Guest, 4, "exec nice -n 5");
        Hogs usual = await Hogs.StartAsync(Guest, 4);

        long[] work = await WarmWorkAsync(nice, usual);

        double ratio = (double)work[4..].Sum() / work[..4].Sum();
        Output($"{ratio:F2} instead of {Wanted:F2}: {string.Join(' ', work)}");
        await holder.StopAsync();
        Assert.InRange(ratio, Wanted * 0.85, Wanted * 1.15);
    }

    [Fact]
    [Measured]
    public async Task Cgroups_share_by_cpu_weight_whatever_number_of_tasks_they_have()
    {
        Holder holder = await AttachAsync();
        await using Cgroup few = await Cgroup.CreateAsync(Guest, "few");
        await using Cgroup many = await Cgroup.CreateAsync(Guest, "many");
        await few.SetAsync("cpu.weight", "200");
        Hogs two = await Hogs.StartAsync(Guest, 2, few.Enter);
        Hogs six = await Hogs.StartAsync(Guest, 6, many.Enter);

        // 200 : 100, and not 2 : 6.
        Assert.InRange(await RatioAsync(two, six), 2 * 0.75, 2 * 1.25);
        // A change is seen while they run.
        await few.SetAsync("cpu.weight", "50");
        Assert.InRange(await RatioAsync(two, six), 0.5 * 0.75, 0.5 * 1.25);

        await holder.StopAsync();
    }

    [Fact]
    [Measured]
    public async Task Weights_of_nested_cgroups_multiply()
    {
        Holder holder = await AttachAsync();
        await using Cgroup outer = await Cgroup.CreateAsync(Guest, "outer");
        await outer.SetAsync("cgroup.subtree_control", "+cpu");
        await using Cgroup inner = await Cgroup.CreateAsync(Guest, "outer/inner");
        await using Cgroup beside = await Cgroup.CreateAsync(Guest, "outer/beside");
        await using Cgroup other = await Cgroup.CreateAsync(Guest, "other");
        await inner.SetAsync("cpu.weight", "300");
        Hogs innerHogs = await Hogs.StartAsync(Guest, 2, inner.Enter);
        Hogs besideHogs = await Hogs.StartAsync(Guest, 2, beside.Enter);
        Hogs otherHogs = await Hogs.StartAsync(Guest, 2, other.Enter);

        long[] work = await WarmWorkAsync(innerHogs, besideHogs, otherHogs);

        await holder.StopAsync();
        double all = work.Sum();
        string text = string.Join(' ', work.Select(w => (w / all).ToString("P0", CultureInfo.InvariantCulture)));
        Output(text);
        // other has a half, and of the other half inner three quarters.
        Assert.True(Math.Abs(work[4..].Sum() / all - 0.5) < 0.1, text);
        Assert.True(Math.Abs(work[..2].Sum() / all - 0.375) < 0.1, text);
    }

    [Fact]
    [Measured]
    public async Task Each_class_gets_CPU_within_its_bound_at_four_times_the_load()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        string[] classes = ["latency_critical", "high", "normal", "low", "background"];
        var groups = new List<Hogs>();
        // Two tasks each, ten on two CPUs.
        foreach (string name in classes)
        {
            Hogs hogs = await Hogs.StartAsync(Guest, 2);
            groups.Add(hogs);
        }

        foreach ((string name, Hogs hogs) in classes.Zip(groups))
        {
            foreach (string pid in await hogs.PidsAsync())
            {
                await holder.AskAsync($"task {pid} {name}");
            }
        }

        // The promised bound is 1 s; what the emulator adds is allowed for.
        for (int i = 0; i < 7; i++)
        {
            await Hogs.AllProgressAsync(TimeSpan.FromSeconds(3), [.. groups]);
        }

        Snapshot end = await holder.CheckAsync();
        Output($"{string.Join(' ', end.ClassRunNs.Select(c => $"{c.Key} {c.Value / 1_000_000} ms"))}; oldest {end.OldestWaitUs} us");
        Assert.True(classes.All(c => end.ClassRunNs[c] > 0), end.ToString());
        Assert.True(end.OldestWaitUs > 0, end.ToString());
        await holder.StopAsync();
    }

    [Fact]
    [Measured]
    public async Task In_every_pair_of_classes_each_task_gets_CPU_within_its_bound_at_four_times_the_load()
    {
        // 1 s, which the kernel side looks after every 100 ms; and the turns of who had waited as long.
        TimeSpan bound = TimeSpan.FromSeconds(1.5);
        string[] classes = ["background", "low", "normal", "high", "latency_critical"];
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        var late = new List<string>();
        for (int a = 0; a < classes.Length; a++)
        {
            for (int b = a; b < classes.Length; b++)
            {
                Hogs[] groups = [await Hogs.StartAsync(Guest, 4, options: Hogs.WithGaps), await Hogs.StartAsync(Guest, 4, options: Hogs.WithGaps)];
                foreach ((string name, Hogs hogs) in ((string, Hogs)[])[(classes[a], groups[0]), (classes[b], groups[1])])
                {
                    foreach (string pid in await hogs.PidsAsync())
                    {
                        await holder.AskAsync($"task {pid} {name}");
                    }
                }

                await Hogs.AllProgressAsync(TimeSpan.FromSeconds(4), groups);

                TimeSpan[] gaps = [(await groups[0].LongestGapsAsync()).Max(), (await groups[1].LongestGapsAsync()).Max()];
                string text = $"{classes[a]} {gaps[0].TotalMilliseconds:F0} ms beside {classes[b]} {gaps[1].TotalMilliseconds:F0} ms";
                Output(text);
                if (gaps.Max() > bound)
                {
                    late.Add(text);
                }

                await groups[0].Process.KillAsync();
                await groups[1].Process.KillAsync();
            }
        }

        await holder.StopAsync();
        Assert.True(late.Count == 0, string.Join('\n', late));
    }

    [Fact]
    [Measured]
    public async Task A_spinning_latency_critical_task_on_each_CPU_leaves_others_forty_percent()
    {
        Holder holder = await AttachAsync();
        Hogs urgent = await Hogs.StartAsync(Guest, 2);
        Hogs usual = await Hogs.StartAsync(Guest, 2);
        foreach (string pid in await urgent.PidsAsync())
        {
            await holder.AskAsync($"task {pid} latency_critical");
        }

        long[] work = await WarmWorkAsync(urgent, usual);

        Output(string.Join(' ', work));
        await holder.StopAsync();
        Assert.True(work[2..].Sum() >= 0.4 * work.Sum(), string.Join(' ', work));
    }

    private static async Task<long[]> WarmWorkAsync(params Hogs[] groups)
    {
        await Task.Delay(s_warmUp, Cancellation);
        return await Hogs.WorkAsync(s_fairWindow, groups);
    }

    private static async Task<double> RatioAsync(Hogs two, Hogs six)
    {
        long[] work = await WarmWorkAsync(two, six);
        double ratio = (double)work[..2].Sum() / work[2..].Sum();
        Output($"{ratio:F2}: {string.Join(' ', work)}");
        return ratio;
    }
}
