using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Experiments;
using Coxswain.Mcp.Results;
using ModelContextProtocol;

namespace Coxswain.Mcp.Tools;

/// <summary>Tells the agent what an experiment found.</summary>
internal static class ExperimentReport
{
    // Smaller probabilities need more digits than a decision does.
    private const int Digits = 4;

    public static ExperimentToolResult Of(ExperimentResult result, ExperimentDesign design, MetricName metric, TimeProvider time) => new()
    {
        AsOf = Wire.Time(time.GetUtcNow()),
        Outcome = (OutcomeName)result.Outcome,
        Why = result.Why,
        ChangeId = result.Change?.Id,
        ExpiresAt = result.Change is { } change ? Wire.Time(change.ExpiresAt) : null,
        Metric = metric,
        Verdict = result.Effect is { } effect ? (VerdictName)effect.Verdict : null,
        TooFewSamples = result.Effect is { TooFewSamples: true } ? true : null,
        Effect = Row(result.Effect),
        BystandersWaitP99Us = Row(result.BystanderWait),
        BystandersCpuPct = Row(result.BystanderCpu),
        NamedWaitP99Us = Row(result.NamedWait),
        NamedCpuPct = Row(result.NamedCpu),
        Periods = result.Periods,
        MeasuredSeconds = design.MeasuredSeconds,
        Hint = Hint(result),
    };

    /// <summary>Passes progress on to the client.</summary>
    public static IProgress<ExperimentProgress> Progress(IProgress<ProgressNotificationValue> client) => new Relay(client);

    private static EffectRow? Row(PairedEffect? effect) => effect is null ? null : new EffectRow
    {
        Off = Number(effect.Measure, effect.Off),
        On = Number(effect.Measure, effect.On),
        DifferencePct = Wire.Percent(effect.Difference),
        DifferenceLowPct = Wire.Percent(effect.DifferenceLow),
        DifferenceHighPct = Wire.Percent(effect.DifferenceHigh),
        P = effect.P is { } p ? Math.Round(p, Digits) : null,
        Verdict = (VerdictName)effect.Verdict,
        Pairs = effect.Pairs,
    };

    private static double? Number(ObservedMeasure measure, double? value) =>
        value is not { } number ? null : measure == ObservedMeasure.Cpu ? Wire.Percent(number) : Math.Round(number / 1000, 1);

    private static string Hint(ExperimentResult result)
    {
        var hint = result switch
        {
            { Outcome: ExperimentOutcome.Kept, Change: { } change } =>
                $"In force until {Wire.Time(change.ExpiresAt)}; revert(change_ids=[\"{change.Id}\"]) ends it at once.",
            { Outcome: ExperimentOutcome.Stopped } => "It is reverted, and nothing was found; look at what stopped it before trying again.",
            { Effect.TooFewSamples: true } => "Reverted. Take longer periods, and see that the workload is in use meanwhile.",
            { Effect.Verdict: ComparisonVerdict.NoClearDifference } => "Reverted. More or longer periods find smaller differences.",
            _ => "Reverted; nothing of it is in force.",
        };
        return IsWorse(result.BystanderWait) || IsWorse(result.BystanderCpu) ? hint + " Bystanders are clearly worse off with it." : hint;
    }

    private static bool IsWorse(PairedEffect? effect) => effect?.Verdict == ComparisonVerdict.Worse;

    // At once and in order, unlike Progress<T>.
    private sealed class Relay(IProgress<ProgressNotificationValue> client) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => client.Report(new ProgressNotificationValue
        {
            Progress = value.Seconds,
            Total = value.TotalSeconds,
            Message = $"period {value.Period} of {value.Periods}: {(value.IsOn ? "on" : "off")}",
        });
    }
}
