using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class PrioritizeTasksTool(IntentService intents, TimeProvider time)
{
    [McpServerTool(
        Name = "prioritize_tasks", Title = "Prioritize tasks", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Sets the scheduling class of processes or threads for a limited time. Use it when something waits for the CPU (wait_pct in " +
        "list_tasks) or should get out of the way; for pods: prioritize_pods. Returns a change_id.")]
    public ApplyToolResult PrioritizeTasks(
        McpServer server,
        [Description(SelectorArguments.ClassAgain)]
        TaskClass @class,
        [Description(SelectorArguments.Pids)]
        [Items(IntentLimits.MaxPids, Minimum = 1, Maximum = IntentLimits.MaxPid)]
        int[]? pids = null,
        [Description(SelectorArguments.Command)]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description(SelectorArguments.Cgroup)]
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
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description(SelectorArguments.GuardAgain)]
        JsonObject? guard = null,
        [Description(SelectorArguments.Reason)]
        [StringLength(IntentLimits.MaxReasonLength)]
        string reason = "",
        [Description(SelectorArguments.PlanIdAgain)]
        [StringLength(20)]
        string plan_id = "",
        [Description(SelectorArguments.Confirm)]
        bool confirm = false) =>
        ApplyReport.Of(
            intents.Apply(
                new IntentRequest
                {
                    Selector = SelectorArguments.OfTasks(pids, command, cgroup, unit, uid),
                    Effect = IntentEffect.OfClass((SchedulingClass)@class, budget_pct ?? 0),
                    TtlSeconds = ttl_seconds,
                    Guard = GuardReader.Read(guard),
                    Reason = reason,
                    Author = Caller.NameOf(server),
                    TraceId = CallTrace.Current,
                    Confirmed = confirm,
                },
                plan_id),
            time);
}
