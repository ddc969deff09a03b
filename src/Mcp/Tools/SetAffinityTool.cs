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
        "Puts pods or processes on certain CPUs for a limited time: on these only (hard), or preferably " +
        "(soft). Use it to keep noisy neighbours apart. " +
        "get_topology shows the CPUs. Returns a change_id and what the kernel has.")]
    public ApplyToolResult SetAffinity(
        McpServer server,
        [Description("CPU list, e.g. 4-7 or 0,2.")]
        [RegularExpression("^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$")]
        [StringLength(CpuChoice.MaxLength, MinimumLength = 1)]
        string cpus,
        [Description("false: others too when these are busy.")]
        bool hard = true,
        [Description("See prioritize_tasks.")]
        [Items(IntentLimits.MaxPids, Minimum = 1, Maximum = IntentLimits.MaxPid)]
        int[]? pids = null,
        [Description("See prioritize_tasks.")]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description("See prioritize_pods.")]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? @namespace = null,
        [Description("See prioritize_pods.")]
        [StringLength(LabelSelector.MaxLength, MinimumLength = 1)]
        string? label_selector = null,
        [Description("See prioritize_pods.")]
        [Items(IntentLimits.MaxPodNames)]
        string[]? pods = null,
        [Description(SelectorArguments.TtlSeconds)]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description("See prioritize_pods.")]
        JsonObject? guard = null,
        [Description(SelectorArguments.Reason)]
        [StringLength(IntentLimits.MaxReasonLength)]
        string reason = "",
        [Description("See prioritize_pods.")]
        OnConflict on_conflict = OnConflict.Refuse,
        [Description(SelectorArguments.Confirm)]
        bool confirm = false) =>
        ApplyReport.Of(
            intents.Apply(new IntentRequest
            {
                Selector = SelectorArguments.Of(pids, command, @namespace, label_selector, pods, null, null),
                Effect = IntentEffect.OfCpus(CpuChoice.TryParse(cpus, hard) ??
                    throw new ToolRefusedException("cpus must be a list such as \"4-7\" or \"0,2\", with the smaller number first")),
                TtlSeconds = ttl_seconds,
                Guard = GuardReader.Read(guard),
                Reason = reason,
                Author = Caller.NameOf(server),
                TraceId = CallTrace.Current,
                Replaces = on_conflict == OnConflict.Replace,
                Confirmed = confirm,
            }),
            time);
}
