namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("6.17")]
public sealed class On_6_17(BootedKernel<On_6_17> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_6_17>>;
