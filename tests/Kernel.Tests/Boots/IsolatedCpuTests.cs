using System.Text.Json;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>The kernel refuses any sched_ext scheduler beside isolcpus=.</summary>
[RunsOn("newest", CommandLine = "isolcpus=1")]
public sealed class IsolatedCpuTests(BootedKernel<IsolatedCpuTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<IsolatedCpuTests>>
{
    [Fact]
    public async Task Beside_isolated_CPUs_it_is_refused_with_cause_and_fix()
    {
        JsonElement refusal = (await Guest.RunAsync("coxswain-guest hold")).Json();
        Assert.Equal("failed", refusal.GetProperty("event").GetString());
        Assert.Contains("isolcpus", refusal.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("Boot without", refusal.GetProperty("reason").GetString(), StringComparison.Ordinal);

        GuestResult doctor = await Guest.RunAsync("coxswain doctor");
        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains("isolated", doctor.Text, StringComparison.Ordinal);
    }
}
