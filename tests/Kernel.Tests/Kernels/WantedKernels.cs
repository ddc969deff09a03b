namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>The kernels that the scheduler's tests run on.</summary>
public static class WantedKernels
{
    /// <summary>Environment variable with a list of kernel series, such as "6.17 newest".</summary>
    public const string Variable = "COXSWAIN_KERNELS";

    private const string Default = "oldest 6.18 newest";

    public static IReadOnlyList<string> List { get; } =
        (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } wanted ? wanted : Default)
            .Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
}
