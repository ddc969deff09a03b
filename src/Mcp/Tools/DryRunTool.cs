using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class DryRunTool(IntentService intents, DryRunReport report)
{
    private const string SameAsRevert = "As in revert.";

    [McpServerTool(
        Name = "dry_run", Title = "Dry run", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Tells what prioritize_pods, prioritize_tasks, set_timeslice, set_affinity or revert would do with the same arguments, and " +
        "changes nothing: threads, pods, before and after, conflicts, CPU share. Returns a plan_id, good for 60 s, with which they " +
        "apply exactly this.")]
    public async Task<DryRunResult> DryRun(
        McpServer server,
        [Description("Give class, slice_us or cpus.")]
        TaskClass? @class = null,
        [Description("e.g. 2000 for 2 ms")]
        [Range(IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs)]
        int? slice_us = null,
        [Description(SelectorArguments.CpusAgain)]
        [StringLength(CpuChoice.MaxLength, MinimumLength = 1)]
        string? cpus = null,
        [Description("false: preferably.")]
        bool? hard = null,
        [Description(SelectorArguments.PidsAgain)]
        [Items(IntentLimits.MaxPids, Minimum = 1, Maximum = IntentLimits.MaxPid)]
        int[]? pids = null,
        [Description(SelectorArguments.CommandAgain)]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description(SelectorArguments.Namespace)]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? @namespace = null,
        [Description(SelectorArguments.LabelsAgain)]
        [StringLength(LabelSelector.MaxLength, MinimumLength = 1)]
        string? label_selector = null,
        [Description(SelectorArguments.Pods)]
        [Items(IntentLimits.MaxPodNames)]
        string[]? pods = null,
        [Description(SelectorArguments.CgroupAgain)]
        [StringLength(SelectorArguments.MaxCgroupLength, MinimumLength = 1)]
        string? cgroup = null,
        [Description(SelectorArguments.Unit)]
        [StringLength(SelectorArguments.MaxUnitLength, MinimumLength = 1)]
        string? unit = null,
        [Description(SelectorArguments.Uid)]
        [Range(0, int.MaxValue)]
        int? uid = null,
        [Description(SelectorArguments.BudgetPctAgain)]
        [Range(1, IntentLimits.MaxBudgetPercent)]
        int? budget_pct = null,
        [Description(SelectorArguments.TtlSeconds)]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int? ttl_seconds = null,
        [Description("true: as there.")]
        bool until_pods_end = false,
        [Description(SelectorArguments.GuardAgain)]
        JsonObject? guard = null,
        [Description(SameAsRevert)]
        [Items(IntentLimits.MaxActiveIntents)]
        string[]? change_ids = null,
        [Description(SameAsRevert)]
        bool all = false,
        [Description(SameAsRevert)]
        bool mine = false,
        CancellationToken cancellationToken = default)
    {
        var names = pids is not null || command is not null || @namespace is not null || label_selector is not null || pods is not null || cgroup is not null ||
            unit is not null || uid is not null;
        var sets = @class is not null || slice_us is not null || cpus is not null || hard is not null || budget_pct is not null || ttl_seconds is not null ||
            until_pods_end || guard is not null;
        if (change_ids is not null || all || mine)
        {
            return names || sets
                ? throw new ToolRefusedException("change_ids, all and mine are those of revert, which takes nothing else: leave out the other arguments, or these")
                : await report.OfRevertAsync(RevertTool.Preview(intents, server, change_ids, all, mine), cancellationToken).ConfigureAwait(false);
        }

        var request = new IntentRequest
        {
            Selector = SelectorArguments.Of(pids, command, @namespace, label_selector, pods, cgroup, unit, uid),
            Effect = Effect(@class, slice_us, cpus, hard, budget_pct),
            TtlSeconds = ttl_seconds ?? IntentLimits.DefaultTtlSeconds,
            UntilPodsEnd = until_pods_end,
            Guard = GuardReader.Read(guard),
            Author = Caller.NameOf(server),
            TraceId = CallTrace.Current,
        };
        return await report.OfChangeAsync(intents.Preview(request), request, cancellationToken).ConfigureAwait(false);
    }

    private static IntentEffect Effect(TaskClass? wanted, int? slice, string? cpus, bool? hard, int? budget)
    {
        var effects = (wanted is null ? 0 : 1) + (slice is null ? 0 : 1) + (cpus is null ? 0 : 1);
        if (effects != 1)
        {
            throw new ToolRefusedException(effects == 0
                ? "nothing would be set: give class, or slice_us, or cpus; to preview a revert give change_ids, mine=true or all=true"
                : "class, slice_us and cpus are set by different tools: give one of them");
        }

        if (hard is not null && cpus is null)
        {
            throw new ToolRefusedException("hard goes with cpus");
        }

        return cpus is not null ? SelectorArguments.ReadCpus(cpus, hard ?? true)
            : slice is { } us ? IntentEffect.OfSlice(us)
            : IntentEffect.OfClass((SchedulingClass)wanted!.Value, budget ?? 0);
    }
}
