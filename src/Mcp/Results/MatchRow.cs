using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>A change that names a thread.</summary>
internal sealed record MatchRow
{
    public required string ChangeId { get; init; }

    [Description("How it names the thread.")]
    public required string Selector { get; init; }

    [Description("The higher one decides; of equal ones the newer.")]
    public required int Specificity { get; init; }

    public TaskClass? Class { get; init; }

    public int? SliceUs { get; init; }

    public string? Cpus { get; init; }

    [Description("class, slice, cpus; absent: shadowed by those before it.")]
    public string? Decides { get; init; }

    public required string By { get; init; }

    public required int ExpiresInSeconds { get; init; }
}
