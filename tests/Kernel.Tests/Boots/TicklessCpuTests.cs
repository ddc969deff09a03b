namespace Coxswain.Kernel.Tests.Boots;

[RunsOn("newest", CommandLine = "nohz_full=1")]
public sealed class TicklessCpuTests(BootedKernel<TicklessCpuTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<TicklessCpuTests>>
{
    [Fact]
    public async Task A_CPU_without_a_tick_is_shared_as_any_other()
    {
        Assert.Equal("1", (await Guest.ControlAsync("cat /sys/devices/system/cpu/nohz_full")).Succeeded().LastLine);
        await CarriesLoadAsync();

        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs pinned = await Hogs.StartAsync(Guest, 3, "exec taskset 2");
        await pinned.AllProgressAsync(TimeSpan.FromSeconds(3));
        await holder.StopAsync();
    }
}
