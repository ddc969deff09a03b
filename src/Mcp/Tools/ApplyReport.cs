using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>Tells the agent what became of an intent.</summary>
internal static class ApplyReport
{
    private const int MaxRows = 50;
    private const int MaxSkippedPids = 10;

    public static ApplyToolResult Of(ApplyResult result, TimeProvider time)
    {
        var change = result.Change;
        var setsClass = change.Request.Effect.Class != SchedulingClass.Unset;
        return new ApplyToolResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            ChangeId = change.Id,
            AlreadyActive = result.AlreadyActive,
            ExpiresAt = Wire.Time(change.ExpiresAt),
            TtlSeconds = change.Request.TtlSeconds,
            Applied = result.Applied.Count,
            VisibleInKernel = result.VisibleInKernel,
            Tasks = [.. result.Applied.Take(MaxRows).Select(applied => Row(applied, setsClass))],
            TasksTruncated = result.Applied.Count > MaxRows,
            Skipped = [.. result.Skipped
                .GroupBy(skipped => skipped.Reason)
                .Select(group => new SkippedRow
                {
                    Reason = group.Key,
                    Count = group.Count(),
                    Pids = [.. group.Take(MaxSkippedPids).Select(skipped => skipped.Task.Key.Tid)],
                })],
            Hint = Hint(result),
        };
    }

    private static AppliedRow Row(AppliedTask applied, bool setsClass) => new()
    {
        Pid = applied.Task.Key.Tid,
        ProcessPid = applied.Task.ProcessId,
        Command = applied.Task.Command,
        Class = Wire.Class(applied.Seen.Class),
        SliceUs = Wire.Positive(applied.Seen.SliceUs),
        ExpiresInSeconds = setsClass ? applied.Seen.ClassExpiresInSeconds : applied.Seen.SliceExpiresInSeconds,
    };

    private static string Hint(ApplyResult result)
    {
        var change = result.Change;
        var hint = $"It ends by itself at {Wire.Time(change.ExpiresAt)}; revert(change_ids=[\"{change.Id}\"]) ends it at once. " +
            "Compare wait_pct in list_tasks with before.";
        var realTime = result.Applied.Count(applied => Wire.IsRealTime(applied.Task.Policy));
        if (realTime > 0)
        {
            hint += $" {realTime} of the threads have a real-time policy: the kernel runs them before all others anyway, and the change has no effect on them.";
        }

        if (!result.VisibleInKernel)
        {
            hint += " Not every thread was read back from the kernel as it was written: look at them with list_tasks, and at get_status.";
        }

        return hint;
    }
}
