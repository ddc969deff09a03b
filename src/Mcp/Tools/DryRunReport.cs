using Coxswain.Core.Intents;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>Tells the agent what a change, or a revert, would do.</summary>
internal sealed class DryRunReport(IntentService intents, PodRegistry registry, TaskSampler sampler, TimeProvider time)
{
    private const int MaxRows = 20;

    /// <summary>Tells what a change would do.</summary>
    /// <param name="preview">What it would do.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">The call is cancelled.</param>
    public async Task<DryRunResult> OfChangeAsync(PreviewResult preview, IntentRequest request, CancellationToken cancellationToken)
    {
        var report = Report(preview, await ShareAsync(preview.Tasks, cancellationToken).ConfigureAwait(false));
        return request.Guard is { } guard ? report with { Guard = GuardRow.Of(guard), GuardNowUs = Rounded(intents.MeasureNow(guard)) } : report;
    }

    /// <summary>Tells what a revert would do.</summary>
    public async Task<DryRunResult> OfRevertAsync(RevertPreview preview, CancellationToken cancellationToken)
    {
        var share = await ShareAsync(preview.Tasks, cancellationToken).ConfigureAwait(false);
        var pods = preview.Tasks.Select(planned => registry.PodOf(planned.Task)?.Title).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        return new DryRunResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Threads = preview.Tasks.Count,
            Shadowed = preview.Tasks.Count(planned => planned.Shadowed),
            CpuSharePct = share,
            Pods = [.. pods.Take(MaxRows)],
            PodsTotal = pods.Count,
            Tasks = [.. preview.Tasks.Take(MaxRows).Select(Row)],
            Skipped = [],
            Conflicts = [],
            WouldEnd = [.. preview.Changes.Take(MaxRows).Select(change => new WouldEndRow { ChangeId = change.Id, By = change.Request.Author, Threads = change.TaskCount })],
            WouldEndTotal = preview.Changes.Count,
            NotFound = preview.NotFound.Count > 0 ? preview.NotFound : null,
            RemainingActive = preview.RemainingActive,
            Hint = preview.Changes.Count > 0
                ? "Nothing was changed. revert with the same arguments ends these; it never asks for confirmation."
                : "Nothing was changed. No change that is named is in force: revert would have nothing to do.",
        };
    }

    private async Task<double> ShareAsync(IEnumerable<PlannedTask> tasks, CancellationToken cancellationToken)
    {
        var covered = tasks.Select(planned => planned.Task.Key).ToHashSet();
        var sampling = await sampler.SampleAsync(0, TaskDetails.None, cancellationToken).ConfigureAwait(false);
        return Math.Round(sampling.Samples.Where(sample => covered.Contains(sample.Task.Key)).Sum(sample => sample.CpuPercent) / Environment.ProcessorCount, 1);
    }

    private DryRunResult Report(PreviewResult preview, double share) => new()
    {
        AsOf = Wire.Time(time.GetUtcNow()),
        PlanId = preview.PlanId,
        PlanExpiresInSeconds = (int)PlanBook.Lifetime.TotalSeconds,
        AlreadyActive = preview.AlreadyActive,
        Threads = preview.Tasks.Count,
        Shadowed = preview.Tasks.Count(planned => planned.Shadowed),
        CpuSharePct = share,
        Pods = [.. preview.Pods.Select(pod => pod.Title).Order(StringComparer.Ordinal).Take(MaxRows)],
        PodsTotal = preview.Pods.Count,
        Tasks = [.. preview.Tasks.Take(MaxRows).Select(Row)],
        Skipped = ApplyReport.Skipped(preview.Skipped),
        Conflicts = [.. preview.Conflicts.Select(conflict => new ConflictRow
        {
            ChangeId = conflict.Change.Id,
            By = conflict.Change.Request.Author,
            ExpiresInSeconds = (int)Math.Max(0, Math.Ceiling((conflict.Change.ExpiresAt - time.GetUtcNow()).TotalSeconds)),
            Pods = [.. conflict.Pods.Select(pod => pod.Title).Take(MaxRows)],
        })],
        NeedsConfirmation = preview.Unconfirmed.Length > 0 ? preview.Unconfirmed : null,
        Hint = Hint(preview),
    };

    private static double? Rounded(double? us) => us is { } value ? Math.Round(value, 1) : null;

    private PlannedRow Row(PlannedTask planned) => new()
    {
        Pid = planned.Task.Key.Tid,
        ProcessPid = planned.Task.ProcessId,
        Command = planned.Task.Command,
        Pod = registry.PodOf(planned.Task)?.Title,
        ClassBefore = planned.Before is { } before ? Wire.Class(before.Class) : null,
        ClassAfter = Wire.Class(planned.After.Class),
        SliceBeforeUs = planned.Before is { } had ? Wire.Positive(had.SliceUs) : null,
        SliceAfterUs = Wire.Positive(planned.After.SliceUs),
        CpusBefore = planned.Before is { } was ? Wire.Text(was.Cpus) : null,
        CpusAfter = Wire.Text(planned.After.Cpus),
        Shadowed = planned.Shadowed ? true : null,
    };

    private static string Hint(PreviewResult preview) => preview switch
    {
        { Conflicts.Count: > 0 } => "It would be refused: another client's change covers the same pods. on_conflict=\"replace\" would put it first.",
        { Unconfirmed.Length: > 0 } => "It would be refused unless confirm=true is passed.",
        _ => $"Nothing was changed. To apply exactly this, pass plan_id=\"{preview.PlanId}\" with the same arguments within {PlanBook.Lifetime.TotalSeconds:0} s.",
    };
}
