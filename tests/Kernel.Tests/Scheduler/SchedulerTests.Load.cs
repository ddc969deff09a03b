namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private static readonly TimeSpan s_loadLimit = TimeSpan.FromMinutes(4);

    [Theory]
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
        Output($"{policy}: {counters}");
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

        await holder.SetLeaseAsync(microseconds);
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(4));
        Counters during = await LiveCountersAsync(holder);
        await holder.SetLeaseAsync(2000);
        Assert.Equal(0, await load.WaitAsync());
        await hogs.Process.KillAsync();

        Counters end = await holder.StopAsync();
        Assert.True(end["parked"] > during["parked"], $"{during}\n{end}");
    }

    private static async Task<Counters> LiveCountersAsync(Holder holder)
    {
        Snapshot snapshot = await holder.SnapshotAsync();
        Assert.True(snapshot.Attached, snapshot.ToString());
        return snapshot.Counters;
    }
}
