namespace Coxswain.Kernel.Tests.Boots;

/// <summary>Four CPUs are possible, two are there at the start.</summary>
[RunsOn("newest", Cpus = 4, CommandLine = "maxcpus=2")]
public sealed class SparseCpuTests(BootedKernel<SparseCpuTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<SparseCpuTests>>
{
    [Fact]
    public async Task CPU_numbers_may_have_gaps_and_CPUs_may_come_later()
    {
        Assert.Equal("0-1", (await Guest.ControlAsync("cat /sys/devices/system/cpu/online")).Succeeded().LastLine);
        await CarriesLoadAsync();

        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs free = await Hogs.StartAsync(Guest, 5);
        (await Guest.ControlAsync("echo 1 >/sys/devices/system/cpu/cpu3/online")).Succeeded();
        Assert.Equal("0-1,3", (await Guest.ControlAsync("cat /sys/devices/system/cpu/online")).Succeeded().LastLine);
        Hogs pinned = await Hogs.StartAsync(Guest, 2, "exec taskset 8");
        await Hogs.AllProgressAsync(TimeSpan.FromSeconds(6), free, pinned);
        await pinned.Process.KillAsync();
        (await Guest.ControlAsync("echo 0 >/sys/devices/system/cpu/cpu3/online")).Succeeded();
        await free.AllProgressAsync(TimeSpan.FromSeconds(2));
        await holder.StopAsync();
    }
}
