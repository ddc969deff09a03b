using System.Globalization;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>The machine's CPUs, as the tool and the resource tell them.</summary>
internal sealed class TopologyReport(ITopologySource topology, TimeProvider time)
{
    public TopologyResult Read()
    {
        var machine = topology.Read();
        return new TopologyResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            CpusOnline = machine.Online.Count,
            Online = CpuChoice.Format(machine.Online),
            Offline = Wire.Text(CpuChoice.Format(machine.Offline)),
            Isolated = Wire.Text(CpuChoice.Format(machine.Isolated)),
            Tickless = Wire.Text(CpuChoice.Format(machine.Tickless)),
            Cores = machine.Cores.Count,
            CoreCpus = machine.Cores.Any(core => core.Count > 1) ? [.. machine.Cores.Select(CpuChoice.Format)] : null,
            Caches = [.. machine.Caches.Select(Row)],
            NumaNodes = Nodes(machine),
            Hint = machine.Caches.Count > 1
                ? "set_affinity(cpus=...) with the CPUs of one cache keeps a workload's data in it."
                : "All CPUs share one cache: set_affinity only separates workloads here.",
        };
    }

    private static SortedDictionary<string, string>? Nodes(MachineTopology machine)
    {
        var known = machine.Nodes.Where(node => node.Node >= 0).ToDictionary(
            node => node.Node.ToString(CultureInfo.InvariantCulture), node => CpuChoice.Format(node.Cpus));
        return known.Count > 0 ? new SortedDictionary<string, string>(known, StringComparer.Ordinal) : null;
    }

    private static CpuGroupRow Row(CpuGroup group) => new() { Node = group.Node >= 0 ? group.Node : null, Cpus = CpuChoice.Format(group.Cpus) };
}
