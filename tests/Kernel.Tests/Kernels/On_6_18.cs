namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("6.18")]
public sealed class On_6_18(BootedKernel<On_6_18> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_6_18>>;
