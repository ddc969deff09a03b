namespace Coxswain.Kernel.Tests;

/// <summary>However a change ends, the maps are as they were before it, entry by entry.</summary>
public abstract partial class SchedulerTests
{
    [Theory]
    [InlineData("revert")]
    [InlineData("ttl")]
    public async Task After_a_change_the_maps_are_as_before_it(string end)
    {
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "restored");
        Threads inside = await Threads.StartAsync(Guest, "inside");
        await cgroup.SetAsync("cgroup.procs", $"{inside.Pid}");
        Threads outside = await Threads.StartAsync(Guest, "outside");
        McpSession session = await ServeAsync();
        // An older change that is to come back wherever the newer one had its place.
        await session.CallAsync("prioritize_tasks", new { cgroup = "/restored", @class = "low", ttl_seconds = 600 });
        await session.CallAsync("set_timeslice", new { pids = (int[])[outside.Pid], slice_us = 3000, ttl_seconds = 600 });
        IReadOnlyList<string> before = await DirectiveMaps.ReadAsync(Guest);
        Assert.Equal(inside.Ids.Count + outside.Ids.Count + 1, before.Count);

        int ttl = end == "ttl" ? 5 : 600;
        var changes = new List<string>();
        foreach (object request in (object[])
        [
            new { cgroup = "/restored", command = ".", @class = "high", ttl_seconds = ttl },
            new { pids = (int[])[inside.Pid, outside.Pid], @class = "background", ttl_seconds = ttl },
        ])
        {
            changes.Add((await session.CallAsync("prioritize_tasks", request)).GetProperty("change_id").GetString()!);
        }

        Assert.NotEqual(before, await DirectiveMaps.ReadAsync(Guest));
        if (end == "ttl")
        {
            await Task.Delay(TimeSpan.FromSeconds(ttl + 3), Cancellation);
        }
        else
        {
            await session.CallAsync("revert", new { change_ids = changes });
        }

        Assert.Equal(before, await DirectiveMaps.ReadAsync(Guest));
        await inside.EndAsync();
        await outside.EndAsync();
        await EndAsync(session);
    }

    [Theory]
    [InlineData("leaves")]
    [InlineData("is killed")]
    [InlineData("is ejected")]
    public async Task When_the_server_is_gone_or_ejected_nothing_of_its_changes_is_left_and_nothing_comes_back(string how)
    {
        Tolerated = how == "is ejected" ? ["sched_ext:"] : [];
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "restored");
        Threads threads = await Threads.StartAsync(Guest);
        await cgroup.SetAsync("cgroup.procs", $"{threads.Pid}");
        McpSession session = await ServeAsync();
        await session.CallAsync("prioritize_tasks", new { cgroup = "/restored", @class = "high", ttl_seconds = 600 });
        Assert.Equal(threads.Ids.Count + 1, (await DirectiveMaps.ReadAsync(Guest)).Count);

        switch (how)
        {
            case "leaves":
                await EndAsync(session);
                break;
            case "is killed":
                await session.Process.SignalAsync("KILL");
                Assert.Equal(128 + 9, await session.Process.WaitAsync());
                break;
            default:
                (await Guest.ControlAsync("echo S >/proc/sysrq-trigger")).Succeeded();
                break;
        }

        await WaitForStateAsync("disabled", TimeSpan.FromSeconds(10));
        if (how == "is ejected")
        {
            await session.CallAsync("start_scheduler");
            Attached++;
        }
        else
        {
            await DirectiveMaps.ExpectNoneAsync(Guest);
            session = await ServeAsync();
        }

        // Seconds later nothing has come back.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        Assert.Empty(await DirectiveMaps.ReadAsync(Guest));
        Assert.Equal(0, (await session.CallAsync("list_changes")).GetProperty("active").GetInt32());
        await threads.EndAsync();
        await EndAsync(session);
    }
}
