using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>Result of prioritize_tasks and set_timeslice.</summary>
internal sealed record ApplyToolResult
{
    public required string AsOf { get; init; }

    [Description("Handle for revert. Opaque; good until expires_at.")]
    public required string ChangeId { get; init; }

    [Description("true: the same change was in force already and its lifetime started anew.")]
    public required bool AlreadyActive { get; init; }

    public required string ExpiresAt { get; init; }

    public required int TtlSeconds { get; init; }

    [Description("Threads that the change covers now.")]
    public required int Applied { get; init; }

    [Description("true: every one of them was read back from the kernel as it was written.")]
    public required bool VisibleInKernel { get; init; }

    [Description("The first of them, as read back from the kernel.")]
    public required IReadOnlyList<AppliedRow> Tasks { get; init; }

    [Description("true: tasks does not show all.")]
    public required bool TasksTruncated { get; init; }

    public required IReadOnlyList<SkippedRow> Skipped { get; init; }

    [Description("What to do next, and what to know about this change.")]
    public required string Hint { get; init; }
}
