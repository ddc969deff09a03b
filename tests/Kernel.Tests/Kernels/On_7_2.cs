namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("7.2")]
public sealed class On_7_2(BootedKernel<On_7_2> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_7_2>>;
