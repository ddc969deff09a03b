using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>Result of prioritize_tasks and set_timeslice.</summary>
internal sealed record ApplyToolResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("Handle for revert; opaque.")]
    public required string ChangeId { get; init; }

    [Description("true: it was in force already and its lifetime started anew.")]
    public required bool AlreadyActive { get; init; }

    public required string ExpiresAt { get; init; }

    public required int TtlSeconds { get; init; }

    [Description("Threads that the change covers now.")]
    public required int Applied { get; init; }

    [Description("true: each was read back from the kernel as written.")]
    public required bool VisibleInKernel { get; init; }

    [Description("The first of them, as read back from the kernel.")]
    public required IReadOnlyList<AppliedRow> Tasks { get; init; }

    [Description("true: tasks does not show all.")]
    public required bool TasksTruncated { get; init; }

    public required IReadOnlyList<SkippedRow> Skipped { get; init; }

    [Description("What to do next.")]
    public required string Hint { get; init; }
}
