namespace Coxswain.Mcp.Results;

internal sealed record SchedulerSettings
{
    public required bool Attached { get; init; }

    public string? Mode { get; init; }

    public string? Policy { get; init; }

    public long? LeaseUs { get; init; }

    public long? SliceUs { get; init; }
}
