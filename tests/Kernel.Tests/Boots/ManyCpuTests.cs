namespace Coxswain.Kernel.Tests.Boots;

/// <summary>More CPUs than the host has by far: whatever is done for each of them, or with all of them locked out, takes long here.</summary>
[RunsOn("newest", Cpus = 32)]
public sealed class ManyCpuTests(BootedKernel<ManyCpuTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<ManyCpuTests>>
{
    [Fact]
    public async Task Thirty_two_CPUs_all_have_work()
    {
        Assert.Equal("0-31", (await Guest.ControlAsync("cat /sys/devices/system/cpu/online")).Succeeded().LastLine);
        Holder holder = await AttachAsync("--watchdog-ms 20000");
        Hogs hogs = await Hogs.StartAsync(Guest, 40);

        await hogs.AllProgressAsync(TimeSpan.FromSeconds(10));

        await hogs.Process.KillAsync();
        Counters counters = await holder.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(counters.ToString());
        Assert.True(counters["parked"] > 100, counters.ToString());
    }
}
