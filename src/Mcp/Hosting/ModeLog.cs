using Coxswain.Core.Kernel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>Writes changes of the scheduler's mode to the log, those that the kernel side makes by itself among them.</summary>
internal sealed partial class ModeLog(SchedulerHost host, TimeProvider time, ILogger<ModeLog> log) : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await host.Started.WaitAsync(stoppingToken).ConfigureAwait(false);
            var before = host.ReadState();
            using var timer = new PeriodicTimer(s_look, time);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var now = host.ReadState();
                Compare(before, now);
                before = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    /// <summary>Tells what is different. Attaching and its end are told by others.</summary>
    internal void Compare(SchedulerState before, SchedulerState now)
    {
        if (!before.Attached || !now.Attached || before.AttachedSince != now.AttachedSince)
        {
            return;
        }

        var times = now.AutonomousCount - before.AutonomousCount;
        if (times > 0)
        {
            LogAutonomous(log, times, now.ModeChanges.LastOrDefault(change => change.Mode == "autonomous")?.Reason ?? "user space does not answer in time", now.Mode);
        }

        if (before.Mode != now.Mode && now.Mode != "autonomous")
        {
            LogMode(log, before.Mode, now.Mode);
        }

        if (before.Policy != now.Policy)
        {
            LogPolicy(log, before.Policy, now.Policy);
        }

        if (now.PolicyFailure.Length > 0 && before.PolicyFailure.Length == 0)
        {
            LogPolicyFailure(log, now.Policy, now.PolicyFailure);
        }
    }

    [LoggerMessage(EventId = 1, EventName = "mode_autonomous", Level = LogLevel.Warning, Message = "The kernel side went on alone {Times} times within a second: {Reason}; mode now: {Mode}")]
    private static partial void LogAutonomous(ILogger log, long times, string reason, string mode);

    [LoggerMessage(EventId = 2, EventName = "mode_changed", Level = LogLevel.Information, Message = "Mode changed from {Before} to {Mode}")]
    private static partial void LogMode(ILogger log, string before, string mode);

    [LoggerMessage(EventId = 3, EventName = "policy_changed", Level = LogLevel.Information, Message = "Policy changed from {Before} to {Policy}")]
    private static partial void LogPolicy(ILogger log, string before, string policy);

    [LoggerMessage(EventId = 4, EventName = "policy_failed", Level = LogLevel.Error, Message = "Policy {Policy} is not asked any more: {Failure}")]
    private static partial void LogPolicyFailure(ILogger log, string policy, string failure);
}
