namespace Coxswain.Kernel.Tests.Boots;

[RunsOn("newest", Cpus = 1)]
public sealed class OneCpuTests(BootedKernel<OneCpuTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<OneCpuTests>>
{
    [Fact]
    public async Task One_CPU_is_enough()
    {
        Counters counters = await CarriesLoadAsync();

        Assert.True(counters["parked"] > 100, counters.ToString());
    }
}
