namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("7.3")]
public sealed class On_7_3(BootedKernel<On_7_3> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_7_3>>;
