using System.ComponentModel;
using Coxswain.Core.Kernel;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class StartSchedulerTool(IScheduler scheduler, SchedulerControl control, TimeProvider time)
{
    [McpServerTool(
        Name = "start_scheduler", Title = "Start scheduler", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Attaches the scheduler to the kernel when it was stopped, taken off, or given up after failures. The server does so itself at " +
        "its start: call it when get_status says it is off.")]
    public async Task<SchedulerToolResult> StartAsync(CancellationToken cancellationToken)
    {
        var before = scheduler.ReadState();
        if (!before.Attached)
        {
            await control.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        var after = scheduler.ReadState();
        return SchedulerReport.Of(before, after, time.GetUtcNow(), (before.Attached, after.Attached) switch
        {
            (true, _) => "It was attached already.",
            (_, true) => "It is attached, without any change in force.",
            _ => "It is not attached; reason says what an operator can do. Do not repeat this unchanged.",
        });
    }
}
