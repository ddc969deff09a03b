namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("6.12", Always = true)]
public sealed class On_6_12(BootedKernel<On_6_12> kernel) : UnsupportedKernelTests(kernel), IClassFixture<BootedKernel<On_6_12>>
{
    /// <summary>New enough, but Debian builds it without.</summary>
    protected override string Cause => "CONFIG_SCHED_CLASS_EXT";
}
