using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>One pod in a listing; what is usual is left out.</summary>
internal sealed record PodRow
{
    public string? Namespace { get; init; }

    public string? Name { get; init; }

    [Description("Where the name is not known, or detailed.")]
    public string? Uid { get; init; }

    public required int Threads { get; init; }

    [Description("Of one CPU, all threads together.")]
    public required double CpuPct { get; init; }

    [Description("Longest wait of any thread.")]
    public required double WaitPct { get; init; }

    [Description("Busiest processes.")]
    public required IReadOnlyList<string> Commands { get; init; }

    [Description("The first of them.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public string? Qos { get; init; }

    [Description("Detailed: the first of its processes.")]
    public IReadOnlyList<int>? Pids { get; init; }

    [Description("Detailed: CPU time of its threads since they started.")]
    public double? RuntimeSeconds { get; init; }

    [Description("Detailed: threads by class in force.")]
    public IReadOnlyDictionary<string, int>? Classes { get; init; }

    [Description("Detailed: CPUs in force.")]
    public string? Cpus { get; init; }

    [Description("Detailed: until the first of these ends.")]
    public int? ExpiresInSeconds { get; init; }

    [Description("In force in the kernel.")]
    public TaskClass? Class { get; init; }

    public int? SliceUs { get; init; }

    [Description("true: not the same for all threads.")]
    public bool? Mixed { get; init; }

    public IReadOnlyList<string>? ChangeIds { get; init; }
}
