using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record TopologyResult : IToolResult
{
    public required string AsOf { get; init; }

    public required int CpusOnline { get; init; }

    [Description("CPU lists are usable as cpus, e.g. \"0-3,8\".")]
    public required string Online { get; init; }

    public string? Offline { get; init; }

    [Description("Kept from general scheduling at boot.")]
    public string? Isolated { get; init; }

    [Description("Without a regular tick.")]
    public string? Tickless { get; init; }

    public required int Cores { get; init; }

    [Description("Hardware threads of each core, where it has several.")]
    public IReadOnlyList<string>? CoreCpus { get; init; }

    [Description("CPUs that share a last-level cache.")]
    public required IReadOnlyList<CpuGroupRow> Caches { get; init; }

    [Description("CPUs of each, where known.")]
    public IReadOnlyDictionary<string, string>? NumaNodes { get; init; }

    public required string Hint { get; init; }
}
