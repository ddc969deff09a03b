using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record TaskListResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("cpu_pct and wait_pct were measured over this time.")]
    public required int MeasuredOverMs { get; init; }

    [Description("Threads that match.")]
    public required int Total { get; init; }

    public required int Returned { get; init; }

    public required IReadOnlyList<TaskRow> Tasks { get; init; }

    [Description("Pass as cursor to go on.")]
    public string? NextCursor { get; init; }

    public string? TruncatedHint { get; init; }

    [Description("What to do when nothing matches.")]
    public string? Hint { get; init; }
}
