using System.ComponentModel;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Observe.Experiments;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Results;

/// <summary>An experiment that goes on.</summary>
internal sealed record ExperimentRow
{
    private const int MaxNames = 200;

    public required string ExperimentId { get; init; }

    [Description("What is tried.")]
    public TaskClass? Class { get; init; }

    public int? SliceUs { get; init; }

    public int? BudgetPct { get; init; }

    public string? Cpus { get; init; }

    [Description("On whom.")]
    public required string Selector { get; init; }

    [Description("Who is measured, if others.")]
    public string? Workload { get; init; }

    public required MetricName Metric { get; init; }

    public int? KeepIfBetterPct { get; init; }

    public required string By { get; init; }

    public string? Reason { get; init; }

    public required string StartedAt { get; init; }

    [Description("The one that goes on; 0: it begins.")]
    public required int Period { get; init; }

    public required int Periods { get; init; }

    public required int ElapsedSeconds { get; init; }

    public required int TotalSeconds { get; init; }

    [Description("While it is switched on.")]
    public string? ChangeId { get; init; }

    /// <summary>Describes one.</summary>
    public static ExperimentRow Of(RunningExperiment running)
    {
        var (request, progress) = (running.Request, running.Progress ?? default(ExperimentProgress));
        var effect = request.Intent.Effect;
        return new ExperimentRow
        {
            ExperimentId = running.Id,
            Class = Wire.Class(effect.Class),
            SliceUs = Wire.Positive(effect.SliceUs),
            BudgetPct = Wire.Positive(effect.BudgetPercent),
            Cpus = effect.Cpus is { } cpus ? $"{(cpus.IsHard ? "hard" : "soft")} {cpus}" : null,
            Selector = CommandText.Clean(request.Intent.Selector.ToString(), MaxNames),
            Workload = request.Workload is { } workload ? CommandText.Clean(workload.ToString(), MaxNames) : null,
            Metric = (MetricName)request.Design.Measure,
            KeepIfBetterPct = request.KeepIfBetterPercent,
            By = CommandText.Clean(request.Intent.Author, MaxNames),
            Reason = Wire.Text(CommandText.Clean(request.Intent.Reason, MaxNames)),
            StartedAt = Wire.Time(running.StartedAt),
            Period = progress.Period,
            Periods = request.Design.Periods,
            ElapsedSeconds = progress.Seconds,
            TotalSeconds = request.Design.Seconds,
            ChangeId = Wire.Text(running.ChangeId),
        };
    }
}
