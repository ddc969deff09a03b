using System.Globalization;

namespace Coxswain.Kernel.Tests;

/// <summary>What a scheduler gets wrong first: tasks that change, end or lose their CPU while they are queued.</summary>
public abstract partial class SchedulerTests
{
    private const int HotplugRounds = 50;

    [Theory]
    [InlineData("")]
    [InlineData("--threads")]
    public async Task No_task_is_lost_in_a_storm_of_affinity_and_nice_changes(string kind)
    {
        Holder holder = await AttachAsync();

        GuestResult storm = await Guest.RunAsync($"cox-storm --affinity-storm --nice-storm {kind} --duration 8", s_loadLimit);

        Output(storm.Text);
        Assert.True(storm.ExitCode == 0, storm.ToString());
        // Tasks that nothing drove from one CPU to the other would prove nothing.
        Assert.True(Number(storm.Json(), "bounces") > 100, storm.Text);
        await holder.StopAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--threads")]
    public async Task No_task_is_lost_when_ten_thousand_end(string kind)
    {
        Holder holder = await AttachAsync();

        GuestResult storm = await Guest.RunAsync($"cox-storm --exit-storm {kind} --tasks 10000 --lost-after 15", s_loadLimit);

        Output(storm.Text);
        Assert.True(storm.ExitCode == 0, storm.ToString());
        await holder.StopAsync();
    }

    /// <summary>What BPF keeps of a task, some 500 bytes, and its directive, as much again if it has one, go with the task.</summary>
    [Fact]
    public async Task What_is_kept_of_ten_thousand_tasks_is_given_back_when_they_end()
    {
        const int Tasks = 10_000, LeastKept = 400; // sizeof(struct task_ctx) is more
        Holder holder = await AttachAsync();

        List<long> kept = [];
        for (int i = 0; i < Rounds; i++)
        {
            GuestProcess storm = await Guest.StartAsync($"read go; exec cox-storm --exit-storm --tasks {Tasks} --lost-after 15");
            // Born of a directed task, each of them has a directive of its own.
            await holder.AskAsync($"task {storm.Pid} high");
            await storm.AskAsync("go", s_loadLimit);
            Assert.Equal(0, await storm.WaitAsync(s_loadLimit));
            kept.Add(await UnreclaimableAsync());
        }

        Output($"kernel memory that cannot be reclaimed, after each storm: {string.Join(' ', kept)} KiB");
        await holder.StopAsync();
        // The first fills the caches.
        Assert.True(kept[^1] - kept[0] < (Rounds - 1) * Tasks * LeastKept / 1024 / 4, string.Join(' ', kept));
    }

    /// <summary>Memory of the kernel's objects and of those for each CPU, in KiB, when what was freed after a grace period is free.</summary>
    private async Task<long> UnreclaimableAsync()
    {
        GuestResult result = await Guest.ControlAsync(
            """
            echo 3 >/proc/sys/vm/drop_caches
            sleep 1
            awk '$1 == "SUnreclaim:" || $1 == "Percpu:" { sum += $2 } END { print sum }' /proc/meminfo
            """);
        return long.Parse(result.Succeeded().LastLine, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task No_task_is_lost_when_those_that_wait_are_killed()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 3);

        // Twenty on two CPUs: nearly all of them are parked when their end comes. They share their starter's.
        GuestResult rounds = await Guest.ControlAsync(
            """
            for round in $(seq 20); do
                chrt -o 0 cox-hog --count 20 & starter=$!
                usleep 150000
                kill -9 $starter
                wait $starter
            done 2>/dev/null
            tries=300
            until [ $(grep -lx hog /proc/[0-9]*/comm | wc -l) -le 3 ]; do [ $((tries -= 1)) -gt 0 ] || exit 1; usleep 50000; done
            """,
            s_loadLimit);

        Assert.True(rounds.ExitCode == 0, $"a killed task did not end: {rounds}");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        Counters counters = await holder.StopAsync();
        Output(counters.ToString());
        Assert.True(counters["parked"] > 100, $"hardly a task was parked: {counters}");
    }

    [Fact]
    public async Task No_task_is_lost_when_a_CPU_comes_and_goes()
    {
        Holder holder = await AttachAsync();
        Hogs free = await Hogs.StartAsync(Guest, 3);
        Hogs pinned = await Hogs.StartAsync(Guest, 2, "exec taskset 2");
        GuestProcess switching = await Guest.StartAsync("exec stress-ng --switch 2 --fork 1 -t 600");

        // The kernel widens the affinity of tasks whose CPU goes, so they are pinned anew each time.
        GuestResult rounds = await Guest.RunAsync(
            $$"""
            cpu=/sys/devices/system/cpu/cpu1/online
            for round in $(seq {{HotplugRounds}}); do
                echo 0 >$cpu || exit
                [ $((round % 3)) = 0 ] && usleep 50000
                echo 1 >$cpu || exit
                for pid in $(cat /proc/{{pinned.Process.Pid}}/task/*/children); do taskset -p 2 $pid >/dev/null || exit; done
                usleep 20000
            done
            cat /sys/devices/system/cpu/online
            """,
            s_loadLimit);

        Assert.True(rounds.ExitCode == 0, rounds.ToString());
        Assert.Equal("0-1", rounds.LastLine);
        await free.AllProgressAsync(TimeSpan.FromSeconds(3));
        await pinned.AllProgressAsync(TimeSpan.FromSeconds(3));
        Assert.True(await switching.IsRunningAsync(), await switching.ErrorAsync());
        Output((await holder.StopAsync()).ToString());
    }

    [Fact]
    public async Task A_CPU_can_be_away_for_long()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        (await Guest.RunAsync("echo 0 >/sys/devices/system/cpu/cpu1/online")).Succeeded();
        try
        {
            // Longer than the watchdog: a task left in the queue of the absent CPU would be found.
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(7));
        }
        finally
        {
            (await Guest.RunAsync("echo 1 >/sys/devices/system/cpu/cpu1/online")).Succeeded();
        }

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
    }
}
