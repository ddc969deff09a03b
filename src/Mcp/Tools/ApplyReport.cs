using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Workloads.Pods;
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
        var effect = change.Request.Effect;
        return new ApplyToolResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            ChangeId = change.Id,
            AlreadyActive = result.AlreadyActive,
            ExpiresAt = Wire.Time(change.ExpiresAt),
            TtlSeconds = change.Request.TtlSeconds,
            Applied = result.Applied.Count,
            VisibleInKernel = result.VisibleInKernel,
            Tasks = [.. result.Applied.Take(MaxRows).Select(applied => Row(applied, effect))],
            TasksTruncated = result.Applied.Count > MaxRows,
            Skipped = Skipped(result.Skipped),
            Hint = Hint(result),
        };
    }

    /// <summary>The same by pods, for those who named pods.</summary>
    public static PodApplyResult OfPods(ApplyResult result, PodRegistry registry, TimeProvider time)
    {
        var change = result.Change;
        var ofPod = result.Applied.ToLookup(applied => registry.PodOf(applied.Task)?.Uid);
        return new PodApplyResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            ChangeId = change.Id,
            AlreadyActive = result.AlreadyActive,
            ExpiresAt = Wire.Time(change.ExpiresAt),
            TtlSeconds = change.Request.TtlSeconds,
            Applied = result.Applied.Count,
            Shadowed = change.ShadowedCount,
            VisibleInKernel = result.VisibleInKernel,
            PodsTotal = result.Pods.Count,
            Pods = [.. result.Pods.OrderBy(pod => pod.Title, StringComparer.Ordinal).Take(MaxRows).Select(pod => new AppliedPodRow
            {
                Namespace = pod.Namespace,
                Name = pod.Name,
                Threads = ofPod[pod.Uid].Count(),
                Class = ofPod[pod.Uid].GroupBy(applied => applied.Seen.Class).OrderByDescending(group => group.Count())
                    .Select(group => Wire.Class(group.Key)).FirstOrDefault(),
            })],
            Skipped = Skipped(result.Skipped),
            Hint = Hint(result),
        };
    }

    public static List<SkippedRow> Skipped(IEnumerable<SkippedTask> skipped) => [.. skipped
        .GroupBy(task => task.Reason)
        .Select(group => new SkippedRow
        {
            Reason = group.Key,
            Count = group.Count(),
            Pids = [.. group.Take(MaxSkippedPids).Select(task => task.Task.Key.Tid)],
        })];

    private static AppliedRow Row(AppliedTask applied, IntentEffect effect) => new()
    {
        Pid = applied.Task.Key.Tid,
        ProcessPid = applied.Task.ProcessId,
        Command = applied.Task.Command,
        Class = Wire.Class(applied.Seen.Class),
        SliceUs = Wire.Positive(applied.Seen.SliceUs),
        BudgetPct = Wire.Positive(applied.Seen.BudgetPercent),
        Cpus = Wire.Text(applied.Seen.Cpus),
        ExpiresInSeconds = effect switch
        {
            { Class: not SchedulingClass.Unset } => applied.Seen.ClassExpiresInSeconds,
            { Cpus: not null } => applied.Seen.CpusExpiresInSeconds,
            _ => applied.Seen.SliceExpiresInSeconds,
        },
    };

    private static string Hint(ApplyResult result)
    {
        var change = result.Change;
        var hint = $"It ends by itself at {Wire.Time(change.ExpiresAt)}; revert(change_ids=[\"{change.Id}\"]) ends it at once. " +
            $"Compare wait_pct in {(result.Pods.Count > 0 ? "list_pods" : "list_tasks")} with before.";
        if (change.ShadowedCount > 0)
        {
            hint += $" For {change.ShadowedCount} of the threads a more specific change decides; explain_task shows which.";
        }

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
