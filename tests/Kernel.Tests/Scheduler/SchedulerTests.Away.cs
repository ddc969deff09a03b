namespace Coxswain.Kernel.Tests;

/// <summary>User space is held up in other ways than by SIGSTOP, or does not say a word: nobody waits for it.</summary>
public abstract partial class SchedulerTests
{
    /// <summary>Longer than the watchdog of these tests: a task that waited for user space would be found.</summary>
    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(7);

    [Fact]
    public async Task Survives_a_user_space_that_never_answers()
    {
        Holder holder = await AttachAsync("--policy silent --watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        // The kernel side takes each at the end of its lease, 2 ms.
        await hogs.AllProgressAsync(s_away / 2);
        await hogs.AllProgressAsync(s_away / 2);

        Snapshot after = await holder.SnapshotAsync();
        Assert.True(after.Attached, after.ToString());
        Assert.True(after.Counters["parked"] > 20, after.ToString());
        Assert.Equal(0, after.Counters["verdicts"]);
        // After a second of silence it is not asked any more, and said to have failed.
        Assert.NotEmpty(after.PolicyFailure);
        await holder.AskAsync("policy deadline");
        await holder.StopAsync();
    }

    [Fact]
    public async Task Survives_a_frozen_user_space()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "frozen");
        await cgroup.AddAsync(holder.Process);

        await cgroup.SetAsync("cgroup.freeze", "1");
        await hogs.AllProgressAsync(s_away / 2);
        Assert.Equal("autonomous", (await ModeAsync()).GetProperty("mode").GetString());
        await hogs.AllProgressAsync(s_away / 2);
        await cgroup.SetAsync("cgroup.freeze", "0");

        await BackAsync(holder, hogs);
    }

    [Fact]
    public async Task Survives_a_debugger_on_the_dispatch_thread()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        GuestProcess debugger = await Guest.StartAsync($"exec coxswain-guest ptrace --pid {holder.Process.Pid} --ms {s_away.TotalMilliseconds}");
        await WaitForModeAsync("autonomous", TimeSpan.FromSeconds(10));
        await hogs.AllProgressAsync(s_away / 2);
        Assert.Equal(0, await debugger.WaitAsync());

        await BackAsync(holder, hogs);
    }

    [Fact]
    public async Task Survives_readers_of_its_address_space()
    {
        // Whoever reads these files holds the lock that page faults of the process wait for.
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 2);
        string files = $"/proc/{holder.Process.Pid}/maps /proc/{holder.Process.Pid}/smaps /proc/{holder.Process.Pid}/status";
        for (int i = 0; i < 4; i++)
        {
            await Guest.StartAsync($"while cat {files}; do :; done >/dev/null");
        }

        await hogs.AllProgressAsync(s_away / 2);
        await holder.CheckAsync();
        await hogs.AllProgressAsync(s_away / 2);

        await holder.StopAsync();
    }

    [Fact]
    public async Task Survives_a_user_space_short_of_memory()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "tight");
        await cgroup.AddAsync(holder.Process);

        // All that it asks for from now on makes it wait: it may have next to nothing.
        await cgroup.SetAsync("memory.high", "1M");
        await holder.Process.WriteLineAsync("garbage start");
        // Until it has been away because of it at least once: whether the dispatch loop has to wait for a thread that waits for memory, is chance.
        for (int i = 0; i < 3 || (i < 12 && (await ModeAsync()).GetProperty("nr_autonomous").GetInt64() == 0); i++)
        {
            (await Guest.ControlAsync("echo 3 >/proc/sys/vm/drop_caches")).Succeeded();
            await hogs.AllProgressAsync(s_away / 3);
        }

        string throttled = (await Guest.ControlAsync($"grep -E '^high [1-9]' {cgroup.Path}/memory.events")).Succeeded().LastLine;
        Output(throttled);
        await cgroup.SetAsync("memory.high", "max");
        await holder.ReadAsync("garbage");
        await holder.AskAsync("garbage stop");
        await BackAsync(holder, hogs);
    }

    [Fact]
    public async Task When_memory_runs_out_the_kernel_kills_whom_it_will_and_scheduling_goes_on()
    {
        Tolerated = ["Call Trace"]; // of the kill
        Hogs hogs = await Hogs.StartAsync(Guest, 3);
        await using (Cgroup theirs = await Cgroup.CreateAsync(Guest, "big"))
        {
            Holder holder = await AttachAsync("--watchdog-ms 5000");
            await theirs.SetAsync("memory.max", "32M");
            GuestProcess big = await Guest.StartAsync($"{theirs.Enter} tail /dev/zero");
            Assert.Equal(137, await big.WaitAsync());
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
            await holder.StopAsync();
        }

        await using Cgroup ours = await Cgroup.CreateAsync(Guest, "ours");
        Holder victim = await AttachAsync();
        await ours.AddAsync(victim.Process);
        await ours.SetAsync("memory.max", "1M");
        await victim.Process.WriteLineAsync("garbage start");
        Assert.Equal(137, await victim.Process.WaitAsync());
        await WaitForStateAsync("disabled", TimeSpan.FromSeconds(10));
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Notices_that_do_not_fit_into_the_ring_are_no_loss()
    {
        // 32 notices fit. User space is away, and the kernel side does not find that out.
        Holder holder = await AttachAsync("--ring-bytes 4096 --stale-ms 60000 --watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 2);

        await holder.Process.SignalAsync("STOP");
        GuestResult wakers = await Guest.RunAsync("hackbench -g 2 -l 20", s_loadLimit);
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        await holder.Process.SignalAsync("CONT");

        wakers.Succeeded();
        Counters counters = await holder.StopAsync();
        Assert.True(counters["ring_full"] > 100, counters.ToString());
    }

    /// <summary>User space is back: it is asked again, and all is well.</summary>
    private async Task BackAsync(Holder holder, Hogs hogs)
    {
        await WaitForModeAsync("assist", TimeSpan.FromSeconds(10));
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        Counters counters = await holder.StopAsync();
        Assert.True(counters["returned_to_assist"] >= 1, counters.ToString());
    }
}
