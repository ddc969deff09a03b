using System.ComponentModel;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class StopSchedulerTool(IScheduler scheduler, SchedulerControl control, IntentService intents, TimeProvider time)
{
    [McpServerTool(
        Name = "stop_scheduler", Title = "Stop scheduler", ReadOnly = false, Destructive = true, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Gives the machine back to the kernel's own scheduler and ends every change, of anybody. To undo changes alone, use revert. It " +
        "stays off until start_scheduler.")]
    public async Task<SchedulerToolResult> StopAsync(CancellationToken cancellationToken)
    {
        var before = scheduler.ReadState();
        var active = intents.Changes(includeEnded: false).Count;
        await control.StopAsync(cancellationToken).ConfigureAwait(false);
        intents.FollowScheduler();
        var ended = active - intents.Changes(includeEnded: false).Count;
        return SchedulerReport.Of(before, scheduler.ReadState(), time.GetUtcNow(), "The kernel's own scheduler runs; start_scheduler attaches this one again.", ended);
    }
}
