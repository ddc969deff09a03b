namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("6.19")]
public sealed class On_6_19(BootedKernel<On_6_19> kernel) : SchedulerTests(kernel), IClassFixture<BootedKernel<On_6_19>>;
