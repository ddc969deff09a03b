using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record ExperimentToolResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("reverted: after measuring; stopped: before.")]
    public required OutcomeName Outcome { get; init; }

    public required string Why { get; init; }

    [Description("When kept.")]
    public string? ChangeId { get; init; }

    public string? ExpiresAt { get; init; }

    public required MetricName Metric { get; init; }

    public VerdictName? Verdict { get; init; }

    [Description("true: the verdict says nothing.")]
    public bool? TooFewSamples { get; init; }

    [Description("By the metric.")]
    public EffectRow? Effect { get; init; }

    [Description("Waits of everybody neither measured nor named.")]
    public EffectRow? BystandersWaitP99Us { get; init; }

    [Description("CPU time that they got.")]
    public EffectRow? BystandersCpuPct { get; init; }

    [Description("Those named by intent, where others were measured.")]
    public EffectRow? NamedWaitP99Us { get; init; }

    public EffectRow? NamedCpuPct { get; init; }

    public required int Periods { get; init; }

    [Description("Of each period, without warm-up.")]
    public required int MeasuredSeconds { get; init; }

    public required string Hint { get; init; }
}

/// <summary>With what was tried beside without; µs, or % of one CPU.</summary>
internal sealed record EffectRow
{
    public double? Off { get; init; }

    public double? On { get; init; }

    public double? DifferencePct { get; init; }

    [Description("95 % interval, lower end.")]
    public double? DifferenceLowPct { get; init; }

    [Description("Upper end.")]
    public double? DifferenceHighPct { get; init; }

    [Description("Probability of such a difference by chance.")]
    public double? P { get; init; }

    public required VerdictName Verdict { get; init; }

    public required int Pairs { get; init; }
}
