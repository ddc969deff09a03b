namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>Debian's 7.2 shows the hidden argument of some of sched_ext's functions in its type information: no program that calls them loads.</summary>
[RunsOn("7.2")]
public sealed class On_7_2(BootedKernel<On_7_2> kernel) : UnsupportedKernelTests(kernel), IClassFixture<BootedKernel<On_7_2>>
{
    protected override string Cause => "shows a hidden argument";

    protected override string Fix => "Use a kernel whose type information was made with pahole";
}
