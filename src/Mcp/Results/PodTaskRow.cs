namespace Coxswain.Mcp.Results;

/// <summary>A thread of a pod, with what is in force for it.</summary>
internal sealed record PodTaskRow
{
    public required int Pid { get; init; }

    public required int ProcessPid { get; init; }

    public required string Command { get; init; }

    public TaskClass? Class { get; init; }

    public int? SliceUs { get; init; }

    public string? Cpus { get; init; }

    public int? ExpiresInSeconds { get; init; }
}
