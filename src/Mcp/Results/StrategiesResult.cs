using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>Result of apply_strategies.</summary>
internal sealed record StrategiesResult : IToolResult
{
    public required string AsOf { get; init; }

    public required bool DryRun { get; init; }

    public required int Applied { get; init; }

    public required int Refused { get; init; }

    public required IReadOnlyList<EntryRow> Entries { get; init; }

    [Description("Why confirm=true would be needed.")]
    public string? NeedsConfirmation { get; init; }

    public required string Hint { get; init; }
}
