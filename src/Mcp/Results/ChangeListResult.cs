using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record ChangeListResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("Changes in force.")]
    public required int Active { get; init; }

    [Description("Changes that match.")]
    public required int Total { get; init; }

    public required int Returned { get; init; }

    [Description("Newest first.")]
    public required IReadOnlyList<ChangeRow> Changes { get; init; }

    [Description("Pass as cursor to go on.")]
    public string? NextCursor { get; init; }

    public string? TruncatedHint { get; init; }
}
