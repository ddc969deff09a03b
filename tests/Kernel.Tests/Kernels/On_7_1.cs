namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>Debian's 7.1 shows the hidden argument of some of sched_ext's functions in its type information: no program that calls them loads.</summary>
[RunsOn("7.1")]
public sealed class On_7_1(BootedKernel<On_7_1> kernel) : UnsupportedKernelTests(kernel), IClassFixture<BootedKernel<On_7_1>>
{
    protected override string Cause => "shows a hidden argument";

    protected override string Fix => "Use a kernel whose type information was made with pahole";
}
