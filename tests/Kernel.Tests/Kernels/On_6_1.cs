namespace Coxswain.Kernel.Tests.Kernels;

[RunsOn("6.1", Always = true)]
public sealed class On_6_1(BootedKernel<On_6_1> kernel) : UnsupportedKernelTests(kernel), IClassFixture<BootedKernel<On_6_1>>
{
    protected override string Cause => "older than 6.12";
}
