using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
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
        "Sets the scheduling class of processes or threads for a limited time: latency_critical and high run sooner, low and background make " +
        "room for others. Use it when something waits for the CPU (wait_pct in list_tasks) or should get out of the way. Changes only who " +
        "runs first: no nice values, cgroups or files. Asking for the same again renews the lifetime. Returns a change_id, and each thread as " +
        "read back from the kernel. Refused as a whole when a pid does not exist or is protected.")]
    public ApplyToolResult PrioritizeTasks(
        McpServer server,
        [Description("latency_critical: runs before and preempts low and background; high: sooner than normal; normal: as without a change, but overriding older changes; low: a quarter share; background: only when there is room.")]
        TaskClass @class,
        [Description(SelectorArguments.Pids)]
        [Items(IntentLimits.MaxPids, Minimum = 1, Maximum = IntentLimits.MaxPid)]
        int[]? pids = null,
        [Description(SelectorArguments.Command)]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description(SelectorArguments.TtlSeconds)]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description(SelectorArguments.Reason)]
        [StringLength(IntentLimits.MaxReasonLength)]
        string reason = "") =>
        ApplyReport.Of(intents.Apply(new IntentRequest
        {
            Selector = SelectorArguments.Read(pids, command),
            Effect = IntentEffect.OfClass((SchedulingClass)@class),
            TtlSeconds = ttl_seconds,
            Reason = reason,
            Author = Caller.NameOf(server),
        }), time);
}
