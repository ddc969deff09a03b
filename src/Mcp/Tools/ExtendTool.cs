using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class ExtendTool(IntentService intents, TimeProvider time)
{
    [McpServerTool(
        Name = "extend", Title = "Extend", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Gives a change in force more time: from now on it lives ttl_seconds, within the operator's limit. Use it when a change helped " +
        "and is still needed. It never shortens; revert ends it at once.")]
    public ExtendToolResult Extend(
        [Description("e.g. chg_7f2kq, from list_changes.")]
        [StringLength(20, MinimumLength = 1)]
        string change_id,
        [Description("Lifetime from now on.")]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds)
    {
        var result = intents.Extend(change_id, ttl_seconds);
        var change = result.Change;
        return new ExtendToolResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            ChangeId = change.Id,
            ExpiresAt = Wire.Time(change.ExpiresAt),
            ExpiresAtBefore = Wire.Time(result.ExpiredBefore),
            TtlSeconds = change.Request.TtlSeconds,
            Threads = change.TaskCount,
            VisibleInKernel = result.VisibleInKernel,
            Hint = result.VisibleInKernel
                ? $"It ends by itself at {Wire.Time(change.ExpiresAt)}; revert(change_ids=[\"{change.Id}\"]) ends it at once."
                : "Not every thread was read back from the kernel as it was written: look at them with list_tasks, and at get_status.",
        };
    }
}
