using Coxswain.Core.Safety;

namespace Coxswain.Mcp.Results;

internal sealed record LimitsStatus
{
    public int MaxTtlSeconds { get; init; } = IntentLimits.MaxTtlSeconds;

    public int MinSliceUs { get; init; } = IntentLimits.MinSliceUs;

    public int MaxSliceUs { get; init; } = IntentLimits.MaxSliceUs;

    public int MaxPidsPerCall { get; init; } = IntentLimits.MaxPids;

    public int MaxThreadsPerChange { get; init; } = IntentLimits.MaxTasksPerIntent;

    public int MaxActiveChanges { get; init; } = IntentLimits.MaxActiveIntents;

    public IReadOnlyList<string> Protected { get; init; } = ProtectedTasks.Described;
}
