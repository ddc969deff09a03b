namespace Coxswain.Mcp.Results;

/// <summary>A change that a revert would end.</summary>
internal sealed record WouldEndRow
{
    public required string ChangeId { get; init; }

    public required string By { get; init; }

    public required int Threads { get; init; }
}
