namespace Coxswain.Mcp.Tools;

/// <summary>Filters and order of a pod listing; null: everything.</summary>
internal sealed record PodQuery(string? Namespace, string? Labels, string? Name, PodOrder Order)
{
    /// <summary>No filter, and the usual order.</summary>
    public static PodQuery Default { get; } = new(null, null, null, PodOrder.Cpu);
}
