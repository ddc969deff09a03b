using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>Threads that were named but left alone, by reason.</summary>
internal sealed record SkippedRow
{
    public required string Reason { get; init; }

    public required int Count { get; init; }

    [Description("Ids of the first of them.")]
    public required IReadOnlyList<int> Pids { get; init; }
}
