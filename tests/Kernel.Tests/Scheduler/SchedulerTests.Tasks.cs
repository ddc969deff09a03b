using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Kernel.Tests;

/// <summary>Tasks that are many, short, bound, urgent or of another scheduling class.</summary>
public abstract partial class SchedulerTests
{
    /// <summary>Twenty milliseconds as a rule; one in some twenty was 1.2 s on an emulated machine, where the question goes through the guest's own processes.</summary>
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData("", "")]
    [InlineData("--threads", "")]
    [InlineData("", "--only-ext 1")] // comes to us and leaves us each time
    public async Task No_task_is_lost_when_it_changes_its_scheduling_policy(string kind, string options)
    {
        Holder holder = await AttachAsync(options);

        GuestResult storm = await Guest.RunAsync($"cox-storm --policy-storm {kind} --duration 5 --lost-after 15", s_loadLimit);

        Output(storm.Text);
        Assert.True(storm.ExitCode == 0, storm.ToString());
        await holder.StopAsync();
    }

    /// <summary>Left to the kernel, three on each CPU would have it in turns, and nobody else, as long as they lose it where they may not migrate.</summary>
    [Theory]
    [InlineData("", "own")] // long at a time
    [InlineData("--define-sets", "pinned")] // as a rule they lose it elsewhere
    public async Task Tasks_that_may_not_migrate_stay_where_they_are_and_share_their_CPU_with_others(string kind, string counter)
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 2);

        GuestProcess pinned = await Guest.StartAsync($"exec coxswain-guest pin --duration 10 {kind}");
        await pinned.WaitForAsync($"[ $(ls /proc/{pinned.Pid}/task | wc -l) -gt 6 ]");
        for (int i = 0; i < 3; i++)
        {
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        }

        Assert.True(await pinned.IsRunningAsync(), await pinned.ErrorAsync());
        Output(await pinned.ReadLineAsync(s_loadLimit));
        Assert.Equal(0, await pinned.WaitAsync());
        // They are ours to queue, in their order with all the others.
        Snapshot end = await holder.CheckAsync();
        Assert.Equal(0, end.KernelEvents["SCX_EV_ENQ_SKIP_MIGRATION_DISABLED"]);
        Counters counters = await holder.StopAsync();
        Output(counters.ToString());
        Assert.True(counters[counter] > 20, $"no task lost its CPU where it may not migrate: {counters}");
    }

    [Fact]
    public async Task A_fork_bomb_holds_up_neither_the_scheduler_nor_its_answers()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 2);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "bombed");
        await cgroup.SetAsync("pids.max", "500");
        await Guest.StartAsync($"{cgroup.Enter} sh -c 'bomb() {{ bomb | bomb & }}; bomb; sleep 1000' 2>/dev/null");

        for (int i = 0; i < 4; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            long asked = Stopwatch.GetTimestamp();
            await holder.CheckAsync();
            TimeSpan took = Stopwatch.GetElapsedTime(asked);
            Output($"answered after {took.TotalMilliseconds:F0} ms");
            Assert.True(took < s_answerLimit, $"no answer for {took.TotalSeconds:F1} s");
        }

        int pids = int.Parse((await Guest.ControlAsync($"cat {cgroup.Path}/pids.peak 2>/dev/null || cat {cgroup.Path}/pids.current")).Succeeded().LastLine, CultureInfo.InvariantCulture);
        Assert.True(pids > 100, $"a bomb of {pids} processes");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(5));
        await cgroup.SetAsync("cgroup.kill", "1");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_verdict_for_a_task_that_has_ended_does_not_reach_the_next_of_its_number()
    {
        await using GuestSetting few = await GuestSetting.ChangeAsync(Guest, "/proc/sys/kernel/pid_max", "1000");
        Holder holder = await AttachAsync();

        // User space that is always quick answers in time. Stopped for a while, it finds notices of tasks that have long ended.
        int userSpace = holder.Process.Pid;
        GuestResult storm = await Guest.RunAsync(
            $"""
            cox-storm --exit-storm --tasks 4000 --lost-after 15 & storm=$!
            while kill -0 $storm; do
                kill -STOP {userSpace}; usleep 200000
                kill -CONT {userSpace}; usleep 200000
            done 2>/dev/null
            wait $storm
            """,
            s_loadLimit);

        Output(storm.Text);
        Assert.True(storm.ExitCode == 0, storm.ToString());
        Counters counters = await holder.StopAsync();
        Assert.True(counters["refused_gone"] + counters["refused_stale"] > 0, $"no verdict came too late: {counters}");
    }

    [Fact]
    [Measured]
    public async Task A_storm_of_preemptions_leaves_the_others_their_share()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 3);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "urgent");
        await holder.AskAsync($"cgroup {cgroup.Path} latency_critical");

        GuestProcess urgent = await Guest.StartAsync($"{cgroup.Enter} hackbench -g 2 -l 100");
        for (int i = 0; i < 3; i++)
        {
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(0, await urgent.WaitAsync(s_loadLimit));
        await holder.AskAsync($"cgroup {cgroup.Path} none");
        Counters counters = await holder.StopAsync();
        Output(counters.ToString());
        Assert.True(counters["preempted"] > 100, counters.ToString());
    }

    [Fact]
    public async Task Real_time_tasks_on_every_CPU_do_not_end_it()
    {
        // From 7.0 on the kernel keeps a reserve for us. Before, real-time tasks keep us out, and the watchdog takes that for
        // our fault: there it has to have more patience than they have breath.
        bool reserve = Guest.Version >= new Version(7, 0);
        Holder holder = await AttachAsync(reserve ? "--watchdog-ms 4000" : "--watchdog-ms 15000");
        Hogs hogs = await Hogs.StartAsync(Guest, 3);

        await Guest.RunAsync($"exec chrt -f 1 cox-hog --count 2 --duration {(reserve ? 8 : 3)}", TimeSpan.FromMinutes(2));

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        await holder.StopAsync();
    }

    [Fact]
    public async Task A_clock_that_is_set_changes_nothing()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        Threads threads = await Threads.StartAsync(Guest);
        await holder.AskAsync($"task {threads.Pid} high");

        foreach (int days in (int[])[1, -2, 1])
        {
            (await Guest.ControlAsync($"date -s @$(( $(date +%s) + {days * 86_400} ))")).Succeeded();
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(1.5));
            await ExpectDirectivesAsync([threads.Pid], new KernelDirective(KernelDirective.High, 0));
        }

        await threads.EndAsync();
        await holder.StopAsync();
    }
}
