namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>The kernel that a class of tests is for. The class takes part if that kernel is wanted.</summary>
/// <param name="series">As vm/run takes it: 6.18, oldest or newest.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RunsOnAttribute(string series) : Attribute
{
    /// <summary>The option of vm/run for <see cref="CountsInstructions"/>.</summary>
    public const string CountInstructions = "--icount";

    public string Series { get; } = series;

    /// <summary>CPUs of the guest, as vm/run --topology takes them; empty for its own choice.</summary>
    public string Topology { get; init; } = "";

    /// <summary>Number of CPUs; 0 for the usual one.</summary>
    public int Cpus { get; init; }

    /// <summary>More for the kernel's command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>The guest's clock counts instructions: what is compared is how many, and not how long the host took over them.</summary>
    public bool CountsInstructions { get; init; }

    /// <summary>All of this for vm/run.</summary>
    public IReadOnlyList<string> BootOptions =>
    [
        .. Cpus > 0 ? (string[])["--cpus", $"{Cpus}"] : [],
        .. Topology.Length > 0 ? (string[])["--topology", Topology] : [],
        .. CommandLine.Length > 0 ? (string[])["--append", CommandLine] : [],
        .. CountsInstructions ? (string[])[CountInstructions] : [],
    ];

    /// <summary>Takes part whatever is wanted: the kernel is a case of its own.</summary>
    public bool Always { get; init; }
}
