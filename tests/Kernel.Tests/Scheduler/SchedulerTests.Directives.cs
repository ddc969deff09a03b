using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>What BPF itself makes of a directive, told by the CPU time that it counts for each class.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task A_directive_ends_in_time_though_user_space_is_stopped()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        Hogs urgent = await Hogs.StartAsync(Guest, 1);
        await holder.AskAsync($"task {urgent.Process.Pid} latency_critical 0 5000");
        await holder.Process.SignalAsync("STOP");

        long atFirst = await StoppedRunNsAsync();
        await Task.Delay(TimeSpan.FromSeconds(0.5), Cancellation);
        long inForce = await StoppedRunNsAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), Cancellation);
        long ended = await StoppedRunNsAsync();
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(2), hogs, urgent);
        long after = await StoppedRunNsAsync();
        await holder.Process.SignalAsync("CONT");

        Output($"latency_critical {atFirst}, {inForce}, {ended}, {after} ns");
        await BackAsync(holder, hogs);
        Assert.True(inForce > atFirst, $"not in force while user space was stopped: {atFirst}, {inForce} ns");
        Assert.Equal(ended, after);
    }

    [Fact]
    public async Task A_task_that_is_moved_to_another_directed_cgroup_has_its_class_when_it_next_wakes()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 2);
        await using Cgroup first = await Cgroup.CreateAsync(Guest, "first");
        await using Cgroup second = await Cgroup.CreateAsync(Guest, "second");
        await holder.AskAsync($"cgroup {first.Path} high");
        await holder.AskAsync($"cgroup {second.Path} low");
        GuestProcess sleeper = await Guest.StartAsync($"{first.Enter} cox-mt --threads 1 --spin-us 500 --sleep-us 5000");
        await sleeper.ReadLineAsync();

        foreach ((string here, string elsewhere, Cgroup cgroup) in ((string, string, Cgroup)[])[("high", "low", first), ("low", "high", second), ("high", "low", first)])
        {
            await cgroup.AddAsync(sleeper);
            // It wakes up each few milliseconds.
            await Task.Delay(TimeSpan.FromSeconds(0.5), Cancellation);
            await ExpectRunningAsAsync(holder, here, elsewhere);
        }

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_tasks_own_directive_goes_before_its_cgroups()
    {
        Holder holder = await AttachAsync();
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "directed");
        Hogs hogs = await Hogs.StartAsync(Guest, 3);
        Hogs inside = await Hogs.StartAsync(Guest, 1, cgroup.Enter);
        await holder.AskAsync($"cgroup {cgroup.Path} low");
        await Task.Delay(TimeSpan.FromSeconds(0.5), Cancellation);
        await ExpectRunningAsAsync(holder, "low", "high");

        await holder.AskAsync($"task {inside.Process.Pid} high");
        await Task.Delay(TimeSpan.FromSeconds(0.5), Cancellation);
        await ExpectRunningAsAsync(holder, "high", "low");

        await holder.AskAsync($"task {inside.Process.Pid} none");
        await Task.Delay(TimeSpan.FromSeconds(0.5), Cancellation);
        await ExpectRunningAsAsync(holder, "low", "high");
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(1), hogs, inside);
        await holder.StopAsync();
    }

    /// <summary>Only one task of the guest is directed: all that is counted for its class is its own.</summary>
    private static async Task ExpectRunningAsAsync(Holder holder, string here, string elsewhere)
    {
        Snapshot before = await holder.CheckAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        Snapshot after = await holder.CheckAsync();
        Assert.True(after.ClassRunNs[here] > before.ClassRunNs[here], $"not {here}: {before}\n{after}");
        Assert.True(after.ClassRunNs[elsewhere] == before.ClassRunNs[elsewhere], $"still {elsewhere}: {before}\n{after}");
    }

    /// <summary>CPU time as latency_critical, read without the process that holds the scheduler.</summary>
    private async Task<long> StoppedRunNsAsync()
    {
        JsonElement mode = await ModeAsync();
        return mode.GetProperty("class_run_ns").GetProperty("latency_critical").GetInt64();
    }
}
