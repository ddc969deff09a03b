using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
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
        "Sets how long processes or threads run at a time before others get their turn, for a limited time. Long slices (20000 µs and more) " +
        "help throughput, short ones (500 to 3000 µs) help the others' latency. It does not change who runs first: prioritize_tasks does, and " +
        "both can be in force together. Asking for the same again renews the lifetime. Returns a change_id, and each thread as read back from " +
        "the kernel. Refused as a whole when a pid does not exist or is protected.")]
    public ApplyToolResult SetTimeslice(
        McpServer server,
        [Description("Time slice in microseconds, e.g. 2000 for 2 ms.")]
        [Range(IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs)]
        int slice_us,
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
            Effect = IntentEffect.OfSlice(slice_us),
            TtlSeconds = ttl_seconds,
            Reason = reason,
            Author = Caller.NameOf(server),
        }), time);
}
