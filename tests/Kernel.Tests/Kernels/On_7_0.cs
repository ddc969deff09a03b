namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("7.0")]
public sealed class On_7_0(BootedKernel<On_7_0> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_7_0>>;
