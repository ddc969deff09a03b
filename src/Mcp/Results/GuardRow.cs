using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Results;

/// <summary>The condition on which a change is taken back, in the words in which it is asked for.</summary>
internal sealed record GuardRow
{
    public required string Metric { get; init; }

    public required string Workload { get; init; }

    public required int WorseThanUs { get; init; }

    public required int ForSeconds { get; init; }

    public static GuardRow? Of(IntentGuard? guard) => guard is null ? null : new GuardRow
    {
        Metric = guard.MetricName,
        Workload = guard.Workload.Text,
        WorseThanUs = guard.WorseThanUs,
        ForSeconds = guard.ForSeconds,
    };
}
