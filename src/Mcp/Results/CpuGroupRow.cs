using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record CpuGroupRow
{
    [Description("NUMA node, where known.")]
    public int? Node { get; init; }

    public required string Cpus { get; init; }
}
