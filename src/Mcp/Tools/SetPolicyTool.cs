using System.ComponentModel;
using Coxswain.Core.Kernel;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class SetPolicyTool(IScheduler scheduler, SchedulerControl control, TimeProvider time)
{
    [McpServerTool(
        Name = "set_policy", Title = "Set policy", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "For the whole machine: the order in which user space lets waiting tasks run. deadline: short bursts first, by weight " +
        "(default). vtime: by CPU time used and weight. fifo: first come, first served. Changes in force still hold. It stays until " +
        "changed.")]
    public SchedulerToolResult SetPolicy([Description("Order of waiting tasks.")] PolicyName policy)
    {
        var before = SchedulerReport.RequireAttached(scheduler);
#pragma warning disable CA1308 // Policies have lower-case names.
        control.SetPolicy(policy.ToString().ToLowerInvariant());
#pragma warning restore CA1308
        var after = scheduler.ReadState();
        return SchedulerReport.Of(before, after, time.GetUtcNow(), after.Mode == "kernel"
            ? "Mode is kernel: no policy is asked. set_mode changes that."
            : $"To go back, call set_policy with {before.Policy}.");
    }
}
