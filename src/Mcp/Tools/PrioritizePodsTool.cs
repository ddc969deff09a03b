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
internal sealed class PrioritizePodsTool(IntentService intents, PodRegistry registry, TimeProvider time)
{
    [McpServerTool(
        Name = "prioritize_pods", Title = "Prioritize pods", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Sets the scheduling class of this node's pods for a limited time, on all their threads, also of later pods. What names pods " +
        "must hold together; command narrows to processes. The same again renews it. Returns a change_id.")]
    public PodApplyResult PrioritizePods(
        McpServer server,
        [Description(SelectorArguments.Class)]
        TaskClass @class,
        [Description(SelectorArguments.Namespace)]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? @namespace = null,
        [Description(SelectorArguments.Labels)]
        [StringLength(LabelSelector.MaxLength, MinimumLength = 1)]
        string? label_selector = null,
        [Description(SelectorArguments.Pods)]
        [Items(IntentLimits.MaxPodNames)]
        string[]? pods = null,
        [Description(SelectorArguments.CommandAgain)]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description(SelectorArguments.BudgetPct)]
        [Range(1, IntentLimits.MaxBudgetPercent)]
        int? budget_pct = null,
        [Description(SelectorArguments.TtlSeconds)]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description(SelectorArguments.UntilPodsEnd)]
        bool until_pods_end = false,
        [Description(SelectorArguments.Guard)]
        [GuardFields]
        JsonObject? guard = null,
        [Description(SelectorArguments.Reason)]
        [StringLength(IntentLimits.MaxReasonLength)]
        string reason = "",
        [Description(SelectorArguments.Conflict)]
        OnConflict on_conflict = OnConflict.Refuse,
        [Description(SelectorArguments.PlanId)]
        [StringLength(20)]
        string plan_id = "",
        [Description(SelectorArguments.Confirm)]
        bool confirm = false) =>
        ApplyReport.OfPods(
            intents.Apply(
                new IntentRequest
                {
                    Selector = SelectorArguments.OfPods(@namespace, label_selector, pods, command),
                    Effect = IntentEffect.OfClass((SchedulingClass)@class, budget_pct ?? 0),
                    TtlSeconds = ttl_seconds,
                    UntilPodsEnd = until_pods_end,
                    Guard = GuardReader.Read(guard),
                    Reason = reason,
                    Author = Caller.NameOf(server),
                    TraceId = CallTrace.Current,
                    Replaces = on_conflict == OnConflict.Replace,
                    Confirmed = confirm,
                },
                plan_id),
            registry, time);
}
