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
internal sealed class SetTimesliceTool(IntentService intents, TimeProvider time)
{
    [McpServerTool(
        Name = "set_timeslice", Title = "Set time slice", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Sets how long processes, threads or pods run before others get their turn, for a limited time. Long slices (20000 µs and " +
        "more) help throughput, short ones (500 to 3000 µs) the latency of others. Returns a change_id.")]
    public ApplyToolResult SetTimeslice(
        McpServer server,
        [Description("Time slice, e.g. 2000 for 2 ms.")]
        [Range(IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs)]
        int slice_us,
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
                    Effect = IntentEffect.OfSlice(slice_us),
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
