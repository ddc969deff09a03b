namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("7.1")]
public sealed class On_7_1(BootedKernel<On_7_1> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_7_1>>;
