using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record DryRunResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("Pass it with the same arguments to apply exactly this; not for revert.")]
    public string? PlanId { get; init; }

    public int? PlanExpiresInSeconds { get; init; }

    [Description("true: it would only renew a change.")]
    public bool? AlreadyActive { get; init; }

    public required int Threads { get; init; }

    [Description("Those for which another change decides.")]
    public required int Shadowed { get; init; }

    [Description("CPU that they use now, % of the whole machine.")]
    public required double CpuSharePct { get; init; }

    [Description("namespace/name of the first.")]
    public required IReadOnlyList<string> Pods { get; init; }

    public required int PodsTotal { get; init; }

    [Description("The first of the threads.")]
    public required IReadOnlyList<PlannedRow> Tasks { get; init; }

    public required IReadOnlyList<SkippedRow> Skipped { get; init; }

    [Description("Refused because of these unless on_conflict is replace.")]
    public required IReadOnlyList<ConflictRow> Conflicts { get; init; }

    public GuardRow? Guard { get; init; }

    [Description("What the guard measures now; left out where nobody waited, or nothing was observed yet.")]
    public double? GuardNowUs { get; init; }

    [Description("Why confirm=true would be needed.")]
    public string? NeedsConfirmation { get; init; }

    [Description("Changes that revert would end, the newest first.")]
    public IReadOnlyList<WouldEndRow>? WouldEnd { get; init; }

    public int? WouldEndTotal { get; init; }

    [Description("Ids that no change has.")]
    public IReadOnlyList<string>? NotFound { get; init; }

    [Description("Changes that would still be in force.")]
    public int? RemainingActive { get; init; }

    public required string Hint { get; init; }
}
