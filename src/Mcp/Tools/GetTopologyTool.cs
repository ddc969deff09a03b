using System.ComponentModel;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class GetTopologyTool(TopologyReport report)
{
    [McpServerTool(
        Name = "get_topology", Title = "CPU topology", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Tells which CPUs this machine has and what they share (cores, last-level caches, NUMA nodes), and which are offline, isolated or tickless. " +
        "Use it before set_affinity.")]
    public TopologyResult GetTopology() => report.Read();
}
