using Coxswain.Core.Kernel;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The CPUs of a simulated machine: one last-level cache, one NUMA node, one hardware thread each.</summary>
public sealed class SimulatedTopology(int cpus) : ITopologySource
{
    /// <inheritdoc/>
    public IReadOnlyList<int> OnlineCpus() => [.. Enumerable.Range(0, cpus)];

    /// <inheritdoc/>
    public MachineTopology Read()
    {
        IReadOnlyList<int> online = OnlineCpus();
        return new MachineTopology
        {
            Online = online,
            Cores = [.. online.Select(cpu => (IReadOnlyList<int>)[cpu])],
            Caches = [new CpuGroup(0, online)],
            Nodes = [new CpuGroup(0, online)],
        };
    }
}
