using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>A thread that would be covered.</summary>
internal sealed record PlannedRow
{
    public required int Pid { get; init; }

    public required int ProcessPid { get; init; }

    public required string Command { get; init; }

    public string? Pod { get; init; }

    public TaskClass? ClassBefore { get; init; }

    public TaskClass? ClassAfter { get; init; }

    public int? SliceBeforeUs { get; init; }

    public int? SliceAfterUs { get; init; }

    public string? CpusBefore { get; init; }

    public string? CpusAfter { get; init; }

    [Description("true: another change decides, nothing would change.")]
    public bool? Shadowed { get; init; }
}
