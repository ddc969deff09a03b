using Coxswain.Core.Supervision;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>Writes to the log what becomes of the scheduler, with the kernel's dump of the run queues where there is one.</summary>
internal sealed partial class SupervisorLog(ILogger<SupervisorLog> log) : ISupervisorObserver
{
    public void Ended(SchedulerEnd how)
    {
        LogEnded(log, how.Cause, how.Exit?.Kind ?? 0, how.Next, how.RestartAt, how.Failures);
        if (how.Exit is { Dump.Length: > 0 } exit)
        {
            LogDump(log, exit.Dump);
        }
    }

    public void StartedAgain() => LogStartedAgain(log);

    [LoggerMessage(
        EventId = 1, EventName = "scheduler_ejected", Level = LogLevel.Warning,
        Message = "{Cause} Exit kind {Kind}; next: {Next}, restart at {RestartAt}, failures that count: {Failures}")]
    private static partial void LogEnded(ILogger log, string cause, int kind, NextStep next, DateTimeOffset? restartAt, int failures);

    [LoggerMessage(EventId = 2, EventName = "scheduler_dump", Level = LogLevel.Information, Message = "The kernel's dump at the end of the scheduler:\n{Dump}")]
    private static partial void LogDump(ILogger log, string dump);

    [LoggerMessage(EventId = 3, EventName = "scheduler_restarted", Level = LogLevel.Information, Message = "Scheduler started again")]
    private static partial void LogStartedAgain(ILogger log);
}
