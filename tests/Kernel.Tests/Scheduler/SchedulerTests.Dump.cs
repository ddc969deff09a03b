namespace Coxswain.Kernel.Tests;

/// <summary>What the scheduler tells of itself.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task The_kernels_dump_has_modes_queues_and_tasks()
    {
        Holder holder = await AttachAsync();
        await Hogs.StartAsync(Guest, 5);
        const string Tracing = "/sys/kernel/tracing";
        (await Guest.ControlAsync($"echo 1 >{Tracing}/events/sched_ext/sched_ext_dump/enable")).Succeeded();
        try
        {
            // One processor writes the dump, as SCHED_FIFO. The other may at that moment be with a kernel thread or one of
            // ours; hogs have it most of the time, so that one of ten dumps shows one.
            GuestResult dump = (await Guest.ControlAsync(
                $"""
                for i in 0 1 2 3 4 5 6 7 8 9; do
                    echo >{Tracing}/trace; echo D >/proc/sysrq-trigger; sleep 1
                    grep -aq 'coxswain: home 0, class 3, pid' {Tracing}/trace && break
                done
                grep -a 'coxswain: \|home 0\|loop 0' {Tracing}/trace
                """)).Succeeded();

            Output(dump.Text);
            Assert.Contains("coxswain: asking 0", dump.Text, StringComparison.Ordinal);
            Assert.Matches("loop 0 \\(thread [1-9][0-9]*\\): mode 0 for [0-9]+ ms, heartbeat [0-9]+ ms ago", dump.Text);
            Assert.Contains("home 0 (kind 1, 2 CPUs, loop 0): run", dump.Text, StringComparison.Ordinal);
            Assert.Contains("coxswain: class 3, home 0, group 0, generation", dump.Text, StringComparison.Ordinal);
            Assert.Contains("coxswain: home 0, class 3, pid", dump.Text, StringComparison.Ordinal);
        }
        finally
        {
            (await Guest.ControlAsync($"echo 0 >{Tracing}/events/sched_ext/sched_ext_dump/enable")).Succeeded();
        }

        await holder.StopAsync();
    }

    [Fact]
    public async Task Changes_of_mode_are_kept_with_their_reasons()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        await holder.Process.SignalAsync("STOP");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(3));
        await holder.Process.SignalAsync("CONT");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));

        Snapshot after = await holder.CheckAsync();
        Assert.Contains("autonomous", after.ModeChanges);
        Assert.Contains("assist", after.ModeChanges);
        ExpectModeChangesCounted(after);
        await holder.StopAsync();
    }

    /// <summary>Each change has the reason that it can have, and those that are kept are as many as were counted.</summary>
    private static void ExpectModeChangesCounted(Snapshot snapshot)
    {
        const int Kept = 8;
        Assert.All(snapshot.ModeChanges.Zip(snapshot.ReasonsOfModeChanges), change => Assert.Equal(
            change.First == "autonomous" ? "User space left notices unread for too long." : "User space reads notices again.",
            change.Second));
        long changes = snapshot.AutonomousCount + snapshot.Counters["returned_to_assist"];
        Assert.True(snapshot.ModeChanges.Count == Math.Min(changes, Kept), $"{changes} changes of mode counted: {snapshot}");
    }

    [Fact]
    public async Task Only_tasks_of_SCHED_EXT_are_scheduled_when_that_is_wanted()
    {
        Holder holder = await AttachAsync("--only-ext 1");
        Assert.Equal("0", (await Guest.ControlAsync("cat /sys/kernel/sched_ext/switch_all")).Succeeded().LastLine);
        Hogs usual = await Hogs.StartAsync(Guest, 3);
        Counters before = (await holder.CheckAsync()).Counters;
        await usual.AllProgressAsync(TimeSpan.FromSeconds(1));
        Counters between = (await holder.CheckAsync()).Counters;
        Assert.True(between["waits"] == before["waits"], $"a task of another policy was scheduled: {before}; {between}");

        // The kernel's own class goes before ours: beside its hogs ours would get no more than a reserve, if the kernel has one.
        await usual.Process.SignalAsync("KILL");
        Hogs ext = await Hogs.StartAsync(Guest, 3, "exec", "--ext");
        await ext.AllProgressAsync(TimeSpan.FromSeconds(1));

        Counters after = await holder.StopAsync();
        Assert.True(after["waits"] > between["waits"] + 10, $"tasks of SCHED_EXT were not scheduled: {between}; {after}");
    }
}
