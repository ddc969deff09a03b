using Coxswain.Core.Kernel;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>How tools that change the scheduler itself report.</summary>
internal static class SchedulerReport
{
    /// <summary>What was, what is, and how to go back.</summary>
    public static SchedulerToolResult Of(SchedulerSnapshot before, SchedulerSnapshot after, DateTimeOffset now, string hint, int? changesEnded = null) => new()
    {
        AsOf = Wire.Time(now),
        Before = Settings(before),
        After = Settings(after),
        Reason = after.Attached ? null : after.Reason,
        ChangesEnded = changesEnded,
        Hint = hint,
    };

    /// <summary>Refuses when there is nothing to set.</summary>
    /// <exception cref="ToolRefusedException">The scheduler is not attached.</exception>
    public static SchedulerSnapshot RequireAttached(IScheduler scheduler)
    {
        var snapshot = scheduler.Snapshot();
        return snapshot.Attached
            ? snapshot
            : throw new ToolRefusedException($"the scheduler is not attached: {snapshot.Reason.TrimEnd('.')}; start_scheduler starts it");
    }

    private static SchedulerSettings Settings(SchedulerSnapshot snapshot) => new()
    {
        Attached = snapshot.Attached,
        Mode = snapshot.Attached ? snapshot.Mode : null,
        Policy = snapshot.Attached ? snapshot.Policy : null,
        LeaseUs = snapshot.Attached ? snapshot.LeaseNs / 1000 : null,
        SliceUs = snapshot.Attached ? snapshot.SliceNs / 1000 : null,
    };
}
