namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("newest")]
public sealed class On_newest(BootedKernel<On_newest> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_newest>>;
