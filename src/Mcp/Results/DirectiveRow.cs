using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>What the kernel has, or should have.</summary>
internal sealed record DirectiveRow
{
    public TaskClass? Class { get; init; }

    public int? SliceUs { get; init; }

    [Description("Of one CPU, for each thread in this class.")]
    public int? BudgetPct { get; init; }

    public string? Cpus { get; init; }

    [Description("Until the first of them ends; 0: over.")]
    public required int ExpiresInSeconds { get; init; }
}
