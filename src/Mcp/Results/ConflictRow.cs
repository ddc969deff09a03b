namespace Coxswain.Mcp.Results;

/// <summary>Another client's change for the same pods.</summary>
internal sealed record ConflictRow
{
    public required string ChangeId { get; init; }

    public required string By { get; init; }

    public required int ExpiresInSeconds { get; init; }

    public required IReadOnlyList<string> Pods { get; init; }
}
