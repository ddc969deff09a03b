namespace Coxswain.Kernel.Tests;

/// <summary>cgroups change under the tasks that the scheduler holds.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task No_task_is_lost_when_the_CPUs_of_its_cgroup_change()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "flipped");
        Hogs inside = await Hogs.StartAsync(Guest, 4, cgroup.Enter);
        Hogs outside = await Hogs.StartAsync(Guest, 2);

        GuestResult flips = await Guest.RunAsync(
            $$"""
            end=$(( $(date +%s) + 6 )) flips=0
            while [ $(date +%s) -lt $end ]; do
                for cpus in 0 1 0-1; do echo $cpus >{{cgroup.Path}}/cpuset.cpus || exit; flips=$((flips + 1)); done
            done
            echo $flips
            """,
            s_loadLimit);

        Output($"{flips.Succeeded().LastLine} changes");
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(2), inside, outside);
        await holder.StopAsync();
    }

    [Fact]
    public async Task Weights_and_limits_of_a_cgroup_may_change_at_any_time()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "weighed");
        Hogs inside = await Hogs.StartAsync(Guest, 3, cgroup.Enter);
        Hogs outside = await Hogs.StartAsync(Guest, 2);

        GuestResult changes = await Guest.RunAsync(
            $$"""
            end=$(( $(date +%s) + 5 )) changes=0
            while [ $(date +%s) -lt $end ]; do
                for weight in 1 100 10000; do echo $weight >{{cgroup.Path}}/cpu.weight || exit; done
                for limit in "20000 100000" "5000 10000" "max 100000"; do echo $limit >{{cgroup.Path}}/cpu.max || exit; done
                echo 1 >{{cgroup.Path}}/cpu.idle && echo 0 >{{cgroup.Path}}/cpu.idle || exit
                changes=$((changes + 8))
            done
            echo $changes
            """,
            s_loadLimit);

        Output($"{changes.Succeeded().LastLine} changes");
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(2), inside, outside);
        await holder.StopAsync();
    }

    [Fact]
    public async Task Directed_cgroups_may_come_and_go_with_tasks_moving_between_them()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await using Cgroup home = await Cgroup.CreateAsync(Guest, "home");
        await using Cgroup away = await Cgroup.CreateAsync(Guest, "away");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        await holder.AskAsync($"cgroup {home.Path} high");
        await holder.AskAsync($"cgroup {away.Path} background");
        GuestProcess moves = await Guest.StartAsync(
            $$"""
            round=0 end=$(( $(date +%s) + 7 ))
            while [ $(date +%s) -lt $end ]; do
                round=$((round + 1)) new={{home.Path}}/child.$round
                mkdir $new || exit
                for pid in $(cat /proc/{{hogs.Process.Pid}}/task/*/children); do
                    echo $pid >$new/cgroup.procs; echo $pid >{{away.Path}}/cgroup.procs; echo $pid >{{home.Path}}/cgroup.procs
                done
                rmdir $new || exit
            done
            echo $round
            """);

        for (int i = 0; i < 5; i++)
        {
            // One whose cgroup is removed takes its directive with it.
            (await Guest.ControlAsync($"mkdir -p {away.Path}/short.{i}")).Succeeded();
            await holder.AskAsync($"cgroup {away.Path}/short.{i} latency_critical");
            (await Guest.ControlAsync($"rmdir {away.Path}/short.{i}")).Succeeded();
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(1.5));
        }

        Assert.Equal(0, await moves.WaitAsync(s_loadLimit));
        Output($"{await moves.OutputAsync()} cgroups made and removed, with four tasks moved three times in each");
        await holder.AskAsync($"cgroup {home.Path} none");
        await holder.AskAsync($"cgroup {away.Path} none");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await holder.StopAsync();
    }
}
