using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>How the guards are.</summary>
internal sealed record GuardDetails
{
    [Description("The daemon's own guard: it reverts the newest change when workloads that no change touches wait much longer than before it.")]
    public required bool OwnEnabled { get; init; }

    [Description("Changes that it compares with before.")]
    public required int Watching { get; init; }

    [Description("Active changes with a guard of their own.")]
    public required int OfChanges { get; init; }

    [Description("Why waits cannot be measured.")]
    public string? Problem { get; init; }

    [Description("Changes that guards have reverted, as far as they are remembered.")]
    public required int Reverted { get; init; }

    public string? LastChangeId { get; init; }

    public string? LastAt { get; init; }

    [Description("What was found then.")]
    public string? LastFinding { get; init; }
}
