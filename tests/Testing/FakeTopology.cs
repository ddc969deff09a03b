using Coxswain.Core.Kernel;

namespace Coxswain.Testing;

/// <summary>A machine of 32 CPUs: two nodes, a cache each, cores of two hardware threads. CPUs can go.</summary>
internal sealed class FakeTopology : ITopologySource
{
    private const int Cpus = 32;

    /// <summary>CPUs that are switched off.</summary>
    public HashSet<int> Offline { get; } = [];

    public IReadOnlyList<int> OnlineCpus() => [.. Enumerable.Range(0, Cpus).Where(cpu => !Offline.Contains(cpu))];

    public MachineTopology Read() => new()
    {
        Online = OnlineCpus(),
        Offline = [.. Offline.Order()],
        Isolated = [],
        Cores = [.. OnlineCpus().GroupBy(cpu => cpu / 2).Select(core => (IReadOnlyList<int>)[.. core])],
        Caches = Halves(),
        Nodes = Halves(),
    };

    private List<CpuGroup> Halves() => [.. OnlineCpus().GroupBy(cpu => cpu / 16).Select(half => new CpuGroup(half.Key, [.. half]))];
}
