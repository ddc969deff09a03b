using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>One entry of a document, and what became of it.</summary>
internal sealed record EntryRow
{
    [Description("Where it stands, e.g. strategies.default[0].")]
    public required string Name { get; init; }

    public required EntryOutcome Outcome { get; init; }

    public string? ChangeId { get; init; }

    public string? Selector { get; init; }

    public TaskClass? Class { get; init; }

    public int? SliceUs { get; init; }

    public int? Threads { get; init; }

    public int? Pods { get; init; }

    [Description("Threads for which another change decides.")]
    public int? Shadowed { get; init; }

    public bool? VisibleInKernel { get; init; }

    public string? ExpiresAt { get; init; }

    [Description("Each field as written, and what it became.")]
    public IReadOnlyList<string>? Fields { get; init; }

    [Description("Fields that nothing was made of.")]
    public IReadOnlyList<string>? NotUnderstood { get; init; }

    [Description("Why it was refused.")]
    public string? Problem { get; init; }
}
