using Coxswain.Core.Kernel;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>How tools that change the scheduler itself report.</summary>
internal static class SchedulerReport
{
    /// <summary>What was, what is, and how to go back.</summary>
    public static SchedulerToolResult Of(SchedulerState before, SchedulerState after, DateTimeOffset now, string hint, int? changesEnded = null) => new()
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
    public static SchedulerState RequireAttached(IScheduler scheduler)
    {
        var state = scheduler.ReadState();
        return state.Attached
            ? state
            : throw new ToolRefusedException($"the scheduler is not attached: {state.Reason.TrimEnd('.')}; start_scheduler starts it");
    }

    private static SchedulerSettings Settings(SchedulerState state) => new()
    {
        Attached = state.Attached,
        Mode = state.Attached ? state.Mode : null,
        Policy = state.Attached ? state.Policy : null,
        LeaseUs = state.Attached ? state.LeaseNs / 1000 : null,
        SliceUs = state.Attached ? state.SliceNs / 1000 : null,
    };
}
