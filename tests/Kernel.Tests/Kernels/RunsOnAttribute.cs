namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>The kernel that a class of tests is for. The class takes part if that kernel is wanted.</summary>
/// <param name="series">As vm/run takes it: 6.18, oldest or newest.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RunsOnAttribute(string series) : Attribute
{
    public string Series { get; } = series;

    /// <summary>Takes part whatever is wanted: the kernel is a case of its own.</summary>
    public bool Always { get; init; }
}
