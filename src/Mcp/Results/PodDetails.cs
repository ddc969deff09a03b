namespace Coxswain.Mcp.Results;

/// <summary>What the resource of a pod holds.</summary>
internal sealed record PodDetails
{
    public required string AsOf { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required int Threads { get; init; }

    /// <summary>The first of the threads.</summary>
    public required IReadOnlyList<PodTaskRow> Tasks { get; init; }

    public bool? TasksTruncated { get; init; }

    public required IReadOnlyList<string> ChangeIds { get; init; }
}
