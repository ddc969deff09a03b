using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>Result of prioritize_pods.</summary>
internal sealed record PodApplyResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("Handle for revert.")]
    public required string ChangeId { get; init; }

    [Description("true: it was in force and its lifetime started anew.")]
    public required bool AlreadyActive { get; init; }

    public required string ExpiresAt { get; init; }

    public required int TtlSeconds { get; init; }

    [Description("Threads covered now.")]
    public required int Applied { get; init; }

    [Description("Those for which a more specific change decides.")]
    public required int Shadowed { get; init; }

    [Description("true: each was read back from the kernel as written.")]
    public required bool VisibleInKernel { get; init; }

    public required int PodsTotal { get; init; }

    [Description("The first of them.")]
    public required IReadOnlyList<AppliedPodRow> Pods { get; init; }

    public required IReadOnlyList<SkippedRow> Skipped { get; init; }

    public required string Hint { get; init; }
}
