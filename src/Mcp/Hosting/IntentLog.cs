using Coxswain.Core;
using Coxswain.Core.Intents;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>Writes the life of each change to the log.</summary>
internal sealed partial class IntentLog(ILogger<IntentLog> log) : IIntentObserver
{
    public void Applied(Change change, bool renewed)
    {
        var request = change.Request;
        if (renewed)
        {
            LogRenewed(log, change.Id, request.Author, request.TtlSeconds, change.TaskCount);
        }
        else
        {
            LogApplied(
                log, change.Id, request.Author, request.Selector, request.Effect.Class, request.Effect.SliceUs,
                request.TtlSeconds, change.TaskCount, request.Reason);
        }
    }

    public void Ended(Change change)
    {
        if (change.Finding is { } finding)
        {
            LogRevertedByGuard(log, change.Id, change.Request.Author, finding.Text, change.TaskCount);
        }
        else
        {
            LogEnded(log, change.Id, change.EndCause, change.TaskCount);
        }
    }

    public void Restored(int changes) => LogRestored(log, changes);

    public void Failed(Exception exception) => LogRefreshFailed(log, exception);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Change} by {Author}: {Selector} class={Priority} slice_us={SliceUs} for {TtlSeconds} s on {Tasks} threads, reason: {Reason}")]
    private static partial void LogApplied(
        ILogger log, string change, string author, Selector selector, SchedulingClass priority, int sliceUs, int ttlSeconds, int tasks, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Change} renewed by {Author} for {TtlSeconds} s on {Tasks} threads")]
    private static partial void LogRenewed(ILogger log, string change, string author, int ttlSeconds, int tasks);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Change} ended: {Cause}, it covered {Tasks} threads")]
    private static partial void LogEnded(ILogger log, string change, EndCause cause, int tasks);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Change} by {Author} was reverted by guard: {Finding}; it covered {Tasks} threads")]
    private static partial void LogRevertedByGuard(ILogger log, string change, string author, string finding, int tasks);

    [LoggerMessage(Level = LogLevel.Information, Message = "The scheduler runs again; changes in force again: {Changes}")]
    private static partial void LogRestored(ILogger log, int changes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking up the threads of the active changes failed")]
    private static partial void LogRefreshFailed(ILogger log, Exception exception);
}
