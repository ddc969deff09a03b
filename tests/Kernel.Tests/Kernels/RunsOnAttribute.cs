namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>The kernel that a class of tests is for. The class takes part if that kernel is wanted.</summary>
/// <param name="series">As vm/run takes it: 6.18, oldest or newest.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RunsOnAttribute(string series) : Attribute
{
    public string Series { get; } = series;

    /// <summary>CPUs of the guest, as vm/run --topology takes them; empty for its own choice.</summary>
    public string Topology { get; init; } = "";

    /// <summary>Number of CPUs; 0 for the usual one.</summary>
    public int Cpus { get; init; }

    /// <summary>More for the kernel's command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>All of this for vm/run.</summary>
    public IReadOnlyList<string> BootOptions =>
    [
        .. Cpus > 0 ? (string[])["--cpus", $"{Cpus}"] : [],
        .. Topology.Length > 0 ? (string[])["--topology", Topology] : [],
        .. CommandLine.Length > 0 ? (string[])["--append", CommandLine] : [],
    ];

    /// <summary>Takes part whatever is wanted: the kernel is a case of its own.</summary>
    public bool Always { get; init; }
}
