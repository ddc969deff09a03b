using System.ComponentModel;
using Coxswain.Core.Safety;

namespace Coxswain.Mcp.Results;

internal sealed record LimitsStatus
{
    public required int MaxTtlSeconds { get; init; }

    public required int MinSliceUs { get; init; }

    public required int MaxSliceUs { get; init; }

    public int MaxPidsPerCall { get; init; } = IntentLimits.MaxPids;

    public required int MaxThreadsPerChange { get; init; }

    public required int MaxActiveChanges { get; init; }

    [Description("Of all pods, or threads, that may be high or latency_critical together.")]
    public required int MaxUpperSharePct { get; init; }

    [Description("CPU time of high and latency_critical together above which no more are taken.")]
    public required int MaxUpperCpuPct { get; init; }

    [Description("CPUs that hard CPU sets must leave alone.")]
    public required int MinUnpinnedCpus { get; init; }

    public IReadOnlyList<string> Protected { get; init; } = ProtectedTasks.Described;
}
