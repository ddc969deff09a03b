namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private static readonly TimeSpan s_loadLimit = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData("deadline")]
    [InlineData("vtime")]
    [InlineData("fifo")]
    public async Task Carries_load_without_error(string policy)
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

    [Fact]
    public async Task Chooses_the_kernel_functions_of_this_kernel()
    {
        Holder holder = await AttachAsync();

        await holder.StopAsync();

        Version release = Version.Parse(string.Join('.', Guest.Release.Split('.', '-')[..2]));
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

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public async Task The_lease_can_be_changed_under_load(int microseconds)
    {
        Holder holder = await AttachAsync();
        GuestProcess load = await Guest.StartAsync("exec stress-ng --cpu 4 --switch 2 -t 12");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        await holder.AskAsync($"lease {microseconds}");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(4));
        Snapshot during = await holder.AskAsync("lease 2000");
        Assert.Equal(0, await load.WaitAsync());

        Counters end = await holder.StopAsync();
        Assert.True(end["parked"] > during.Counters["parked"], $"nothing was parked any more: {during}\n{end}");
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("strict")]
    public async Task When_user_space_is_asked_can_be_changed_under_load(string mode)
    {
        Holder holder = await AttachAsync();
        GuestProcess load = await Guest.StartAsync("exec stress-ng --cpu 4 --switch 2 -t 12");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        await holder.AskAsync($"mode {mode}");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(4));
        await holder.AskAsync("mode assist");
        Assert.Equal(0, await load.WaitAsync());

        await holder.StopAsync();
    }
}
