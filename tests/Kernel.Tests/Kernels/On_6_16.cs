namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("6.16")]
public sealed class On_6_16(BootedKernel<On_6_16> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_6_16>>;
