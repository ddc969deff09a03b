using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class SetAffinityTool(IntentService intents, TimeProvider time)
{
    [McpServerTool(
        Name = "set_affinity", Title = "Set CPUs", ReadOnly = false, Destructive = true, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Puts pods or processes on certain CPUs for a limited time: on these only (hard), or preferably (soft). Use it to keep noisy " +
        "neighbours apart. Returns a change_id.")]
    public ApplyToolResult SetAffinity(
        McpServer server,
        [Description(SelectorArguments.Cpus)]
        [RegularExpression("^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$")]
        [StringLength(CpuChoice.MaxLength, MinimumLength = 1)]
        string cpus,
        [Description(SelectorArguments.Hard)]
        bool hard = true,
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
        [Description(SelectorArguments.TtlSeconds)]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description(SelectorArguments.GuardAgain)]
        JsonObject? guard = null,
        [Description(SelectorArguments.Reason)]
        [StringLength(IntentLimits.MaxReasonLength)]
        string reason = "",
        [Description(SelectorArguments.ConflictAgain)]
        OnConflict on_conflict = OnConflict.Refuse,
        [Description(SelectorArguments.PlanIdAgain)]
        [StringLength(20)]
        string plan_id = "",
        [Description(SelectorArguments.Confirm)]
        bool confirm = false) =>
        ApplyReport.Of(
            intents.Apply(
                new IntentRequest
                {
                    Selector = SelectorArguments.Of(pids, command, @namespace, label_selector, pods),
                    Effect = SelectorArguments.ReadCpus(cpus, hard),
                    TtlSeconds = ttl_seconds,
                    Guard = GuardReader.Read(guard),
                    Reason = reason,
                    Author = Caller.NameOf(server),
                    TraceId = CallTrace.Current,
                    Replaces = on_conflict == OnConflict.Replace,
                    Confirmed = confirm,
                },
                plan_id),
            time);
}
