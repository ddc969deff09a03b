namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("oldest")]
public sealed class On_oldest(BootedKernel<On_oldest> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_oldest>>;
