namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private static readonly TimeSpan s_loadLimit = TimeSpan.FromMinutes(4);

    [Fact]
    public Task Carries_load_without_error() => CarryLoadAsync("deadline");

    [Theory]
    [InlineData("vtime")]
    [InlineData("fifo")]
    public Task Another_policy_carries_load_without_error(string policy) => CarryLoadAsync(policy);

    [Fact]
    public async Task A_policy_may_place_every_task_by_what_the_CPUs_do()
    {
        Holder holder = await AttachAsync("--policy placing --watchdog-ms 20000");
        await holder.AskAsync("mode strict");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(5));

        Counters counters = await holder.StopAsync();
        Output(counters.ToString());
        Assert.True(counters["moved"] > 50, $"hardly a verdict was in time: {counters}");
        Assert.True(counters["refused_cpu"] <= counters["moved"] / 10, $"CPUs were wrong: {counters}");
    }

    [Fact]
    public async Task Work_in_our_own_process_holds_up_neither_its_dispatch_loop_nor_others()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        var period = TimeSpan.FromSeconds(5);
        long alone = (await Hogs.WorkAsync(period, hogs)).Sum();

        Snapshot before = await holder.AskAsync("burn 4");
        long beside = (await Hogs.WorkAsync(period, hogs)).Sum();
        Snapshot after = await holder.AskAsync("burn 0");

        double share = (double)beside / alone;
        long autonomous = after.AutonomousCount - before.AutonomousCount;
        Output($"beside busy threads of our own others do {share:0.00} of their work; user space was given up {autonomous} times; {await holder.StopAsync()}");
        // Three tenths of each CPU are for our other threads.
        Assert.InRange(share, 0.5, 1.1);
        Assert.True(autonomous <= 1, $"user space was given up {autonomous} times: {after}");
    }

    [Theory]
    [InlineData("assist", "exec")]
    [InlineData("strict", "exec")]
    [InlineData("assist", "exec taskset 2")]
    public async Task A_thousand_threads_that_begin_to_spin_at_once_end_nothing(string mode, string prefix)
    {
        Holder holder = await AttachAsync("--watchdog-ms 20000");
        await holder.AskAsync($"mode {mode}");

        // How long each is away from its CPU is measured where nothing that the host does takes a turn away: InstructionClockTests.
        GuestResult spun = await Guest.RunAsync($"{prefix} cox-hog --count 1000 --threads --duration 20", s_loadLimit);

        Assert.True(spun.ExitCode == 0, spun.ToString());
        Assert.Equal("enabled", await StateAsync());
        Output($"{spun.Text} {await holder.StopAsync()}");
    }

    [Fact]
    public async Task Chooses_the_kernel_functions_of_this_kernel()
    {
        Holder holder = await AttachAsync();

        await holder.StopAsync();

        Version release = Guest.Version;
        bool returnsBool = release >= new Version(6, 19);
        Assert.Equal(
            new Dictionary<string, long>
            {
                ["insert"] = returnsBool ? 3 : 2,
                ["insert_vtime"] = returnsBool ? 3 : 2,
                ["move_to_local"] = release >= new Version(7, 1) ? 3 : 2,
                ["move"] = 2,
            },
            holder.First.Branches.ToDictionary());
    }

    [Fact]
    public async Task Lease_and_mode_can_be_changed_under_load()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        GuestProcess load = await Guest.StartAsync("exec stress-ng --cpu 4 --fork 1 --switch 2 -t 600");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        foreach (string change in (string[])["lease 0", "lease 20000", "mode kernel", "mode strict", "mode assist", "lease 2000"])
        {
            Counters before = (await holder.AskAsync(change)).Counters;
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
            Counters after = (await holder.CheckAsync()).Counters;
            // One that was on its way to be parked when the mode changed may still come.
            bool asked = after["parked"] > before["parked"] + 2;
            Assert.True(asked == (change != "mode kernel"), $"{change}: {(asked ? "asked" : "not asked")}; before {before}; after {after}");
        }

        Assert.True(await load.IsRunningAsync(), await load.ErrorAsync());
        await holder.StopAsync();
    }

    private async Task CarryLoadAsync(string policy)
    {
        Holder holder = await AttachAsync($"--policy {policy}");

        (await Guest.RunAsync("hackbench -g 4 -l 500", s_loadLimit)).Succeeded();
        (await Guest.RunAsync("stress-ng --cpu 4 --fork 2 --switch 2 -t 10", s_loadLimit)).Succeeded();

        Counters counters = await holder.StopAsync();
        // Without these the load would have shown nothing.
        Assert.True(counters["parked"] > 1000, $"hardly anything was parked: {counters}");
        Assert.True(counters["moved"] > 1000, $"hardly a verdict was in time: {counters}");
        Output(counters.ToString());
    }
}
