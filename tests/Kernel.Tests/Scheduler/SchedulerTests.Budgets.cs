namespace Coxswain.Kernel.Tests;

/// <summary>Who has used its budget up is of the class normal until the window of 100 ms ends, and then of its own again.</summary>
public abstract partial class SchedulerTests
{
    private static readonly TimeSpan s_budgetWindow = TimeSpan.FromSeconds(5);

    /// <summary>Beside its budget a task has the rest of the slice that it ends in.</summary>
    [Theory]
    [InlineData("latency_critical", 20_000, 0.1, 0.35)]
    [InlineData("high", 20_000, 0.1, 0.35)]
    // Less than a slice.
    [InlineData("latency_critical", 2_000, 0.015, 0.2)]
    public async Task A_spinning_task_is_urgent_for_its_budget_and_again_in_each_window(string name, int budgetUs, double least, double most)
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        Hogs urgent = await Hogs.StartAsync(Guest, 1);
        await holder.AskAsync($"task {urgent.Process.Pid} {name} {budgetUs}");

        (double share, long falls) = await UrgentShareAsync(holder, name);

        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(1), hogs, urgent);
        await holder.StopAsync();
        // Without a budget it would have half of each CPU that it comes to: alone, all of one.
        Assert.InRange(share, least, most);
        // 10 windows a second.
        Assert.InRange(falls, 15, 10 * (long)s_budgetWindow.TotalSeconds + 10);
    }

    [Fact]
    public async Task All_tasks_of_a_directed_cgroup_share_its_budget_those_that_are_just_born_too()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "urgent");
        await holder.AskAsync($"cgroup {cgroup.Path} latency_critical 20000");
        // Each one lives for less than a slice: by the time that it is charged, it has ended.
        GuestProcess spawn = await Guest.StartAsync($"{cgroup.Enter} cox-spawn --rate 0 --parallel 6 --duration 0");

        (double share, long falls) = await UrgentShareAsync(holder, "latency_critical");

        Assert.True(await spawn.IsRunningAsync(), await spawn.ErrorAsync());
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
        // The budget, what is left of two slices, and a turn of each of those that waited when it ended. Without it, or were it
        // one of each, it would be nearly all of a CPU.
        Assert.InRange(share, 0.05, 0.6);
        // Of those that were born while it was used up each one fell.
        Assert.True(falls > 100, $"{falls} times a task fell");
    }

    /// <summary>How much of one CPU a class has, and how often a task fell from it, both CPUs being busy.</summary>
    private static async Task<(double Share, long Falls)> UrgentShareAsync(Holder holder, string name)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        Snapshot before = await holder.CheckAsync();
        await Task.Delay(s_budgetWindow, Cancellation);
        Snapshot after = await holder.CheckAsync();
        double share = 2.0 * (after.ClassRunNs[name] - before.ClassRunNs[name]) / (after.TotalRunNs - before.TotalRunNs);
        long falls = after.Counters["over_budget"] - before.Counters["over_budget"];
        Output($"{share:F3} of a CPU as {name}; {falls} times a task fell");
        return (share, falls);
    }
}
