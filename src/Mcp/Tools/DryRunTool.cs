using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class DryRunTool(IntentService intents, PodRegistry registry, TaskSampler sampler, TimeProvider time)
{
    private const int MaxRows = 20;

    [McpServerTool(
        Name = "dry_run", Title = "Dry run", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Tells what prioritize_tasks, prioritize_pods or set_timeslice would do with the same arguments, and changes nothing: threads, pods, " +
        "before and after, what is skipped and why, conflicts, CPU share. " +
        "Returns a plan_id, good for 60 s, with which they apply exactly this.")]
    public async Task<DryRunResult> DryRun(
        McpServer server,
        [Description("Give class or slice_us.")]
        TaskClass? @class = null,
        [Description("As in those.")]
        [Range(IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs)]
        int? slice_us = null,
        [Description("As in those.")]
        [Items(IntentLimits.MaxPids, Minimum = 1, Maximum = IntentLimits.MaxPid)]
        int[]? pids = null,
        [Description("As in those.")]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description("As in those.")]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? @namespace = null,
        [Description("As in those.")]
        [StringLength(LabelSelector.MaxLength, MinimumLength = 1)]
        string? label_selector = null,
        [Description("As in those.")]
        [Items(IntentLimits.MaxPodNames)]
        string[]? pods = null,
        [Description("As in those.")]
        [StringLength(SelectorArguments.MaxCgroupLength, MinimumLength = 1)]
        string? cgroup = null,
        [Description("As in those.")]
        [StringLength(SelectorArguments.MaxUnitLength, MinimumLength = 1)]
        string? unit = null,
        [Description("As in those.")]
        [Range(1, IntentLimits.MaxBudgetPercent)]
        int? budget_pct = null,
        [Description("As in those.")]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description("As in those.")]
        JsonObject? guard = null,
        CancellationToken cancellationToken = default)
    {
        var effect = (@class, slice_us) switch
        {
            ({ } wanted, null) => IntentEffect.OfClass((SchedulingClass)wanted, budget_pct ?? 0),
            (null, { } slice) => IntentEffect.OfSlice(slice),
            (null, null) => throw new ToolRefusedException("nothing would be set: give class, or slice_us"),
            _ => throw new ToolRefusedException("class and slice_us are set by different tools: give one of them"),
        };
        var condition = GuardReader.Read(guard);
        var preview = intents.Preview(new IntentRequest
        {
            Selector = SelectorArguments.Of(pids, command, @namespace, label_selector, pods, cgroup, unit),
            Effect = effect,
            TtlSeconds = ttl_seconds,
            Guard = condition,
            Author = Caller.NameOf(server),
            TraceId = CallTrace.Current,
        });
        var report = Report(preview, await ShareAsync(preview, cancellationToken).ConfigureAwait(false));
        return condition is null ? report : report with { Guard = GuardRow.Of(condition), GuardNowUs = Rounded(intents.MeasureNow(condition)) };
    }

    private async Task<double> ShareAsync(PreviewResult preview, CancellationToken cancellationToken)
    {
        var covered = preview.Tasks.Select(planned => planned.Task.Key).ToHashSet();
        var sampling = await sampler.SampleAsync(0, TaskDetails.None, cancellationToken).ConfigureAwait(false);
        return sampling.Samples.Where(sample => covered.Contains(sample.Task.Key)).Sum(sample => sample.CpuPercent) / Environment.ProcessorCount;
    }

    private DryRunResult Report(PreviewResult preview, double share) => new()
    {
        AsOf = Wire.Time(time.GetUtcNow()),
        PlanId = preview.PlanId,
        PlanExpiresInSeconds = (int)PlanBook.Lifetime.TotalSeconds,
        AlreadyActive = preview.AlreadyActive,
        Threads = preview.Tasks.Count,
        Shadowed = preview.Tasks.Count(planned => planned.Shadowed),
        CpuSharePct = Math.Round(share, 1),
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
        Shadowed = planned.Shadowed ? true : null,
    };

    private static string Hint(PreviewResult preview) => preview switch
    {
        { Conflicts.Count: > 0 } => "It would be refused: another client's change covers the same pods. on_conflict=\"replace\" would put it first.",
        { Unconfirmed.Length: > 0 } => "It would be refused unless confirm=true is passed.",
        _ => $"Nothing was changed. To apply exactly this, pass plan_id=\"{preview.PlanId}\" with the same arguments within {PlanBook.Lifetime.TotalSeconds:0} s.",
    };
}
