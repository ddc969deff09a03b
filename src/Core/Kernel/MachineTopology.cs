namespace Coxswain.Core.Kernel;

/// <summary>The CPUs of a machine and what they share, at one moment.</summary>
public sealed record MachineTopology
{
    /// <summary>CPUs that run tasks, ascending.</summary>
    public required IReadOnlyList<int> Online { get; init; }

    /// <summary>CPUs that the machine has and that are switched off, ascending.</summary>
    public IReadOnlyList<int> Offline { get; init; } = [];

    /// <summary>CPUs that were kept from general scheduling at boot (isolcpus).</summary>
    public IReadOnlyList<int> Isolated { get; init; } = [];

    /// <summary>CPUs without a regular tick (nohz_full).</summary>
    public IReadOnlyList<int> Tickless { get; init; } = [];

    /// <summary>Online CPUs by core: those of one entry are its hardware threads. In order of the first of them.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Cores { get; init; }

    /// <summary>Online CPUs by last-level cache.</summary>
    public required IReadOnlyList<CpuGroup> Caches { get; init; }

    /// <summary>Online CPUs by NUMA node.</summary>
    public required IReadOnlyList<CpuGroup> Nodes { get; init; }
}

/// <summary>CPUs that share something.</summary>
/// <param name="Node">Their NUMA node; -1 when the kernel does not say.</param>
/// <param name="Cpus">Their ids, ascending.</param>
public sealed record CpuGroup(int Node, IReadOnlyList<int> Cpus);
