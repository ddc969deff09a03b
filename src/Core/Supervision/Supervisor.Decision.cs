using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Supervision;

// What comes after an end.
public sealed partial class Supervisor
{
    private const string KernelRuns = "The kernel's own scheduler runs.";
    private const string HowToStart = "It stays off until it is started on request.";

    /// <summary>Decides on an end, and sets the timer and the words for it.</summary>
    /// <param name="exit">The kernel's record; null when it could not be attached at all.</param>
    /// <param name="message">Why it could not be attached.</param>
    private SchedulerEnd Decide(SchedulerExit? exit, string message)
    {
        TimeSpan now = Now;
        EndKind kind = exit is null ? EndKind.Failure : EndKinds.Of(exit);
        string cause = exit is null
            ? $"The scheduler could not be started again: {message}"
            : $"The kernel ended the scheduler: {$"{exit.Reason} {exit.Message}".Trim()}";
        cause = $"{cause.TrimEnd('.', ' ')}.";
        lock (_gate)
        {
            _running = false;
            switch (kind)
            {
                case EndKind.TakenOff:
                    return StayOff(exit, cause, NextStep.StayOff, $"{cause} That was done on purpose, by an operator of this machine. {KernelRuns} {HowToStart}");
                case EndKind.Restart:
                    return Wait(exit, cause, _options.FirstPause, $"{cause} {KernelRuns} It is started again within {Seconds(_options.FirstPause)} s.");
            }

            _failures.RemoveAll(at => now - at > _options.FailureWindow);
            _failures.Add(now);
            TimeSpan monotonic = _time.GetElapsedTime(0);
            _failure = new SchedulerFailure(Nanoseconds(monotonic), Nanoseconds(monotonic - _options.SuspectAge))
            {
                Cause = exit is null ? message : $"{exit.Reason} {exit.Message}".Trim(),
            };
            if (_failures.Count >= _options.MaxFailures)
            {
                return StayOff(exit, cause, NextStep.GiveUp,
                    $"{cause} That was failure {_failures.Count} within {Seconds(_options.FailureWindow)} s, so that it is not tried any more. {KernelRuns} {HowToStart}");
            }

            TimeSpan pause = _options.FirstPause * Math.Pow(_options.PauseGrowth, _failures.Count - 1);
            return Wait(exit, cause, pause,
                $"{cause} {KernelRuns} Failure {_failures.Count} of at most {_options.MaxFailures}; it is started again within {Seconds(pause)} s.");
        }
    }

    private SchedulerEnd GiveWay(string other)
    {
        string name = CommandText.Clean(other, CommandText.MaxLength);
        string cause = $"Another sched_ext scheduler, '{name}', has been attached meanwhile.";
        lock (_gate)
        {
            return StayOff(exit: null, cause, NextStep.GiveWay, $"{cause} There can be only one. {HowToStart}");
        }
    }

    private SchedulerEnd Wait(SchedulerExit? exit, string cause, TimeSpan pause, string reason)
    {
        DateTimeOffset at = _time.GetUtcNow();
        _restartAt = Now + pause;
        _reason = reason;
        Arm(pause);
        return new SchedulerEnd(at, exit, cause, NextStep.StartAgain, at + pause, _failures.Count);
    }

    private SchedulerEnd StayOff(SchedulerExit? exit, string cause, NextStep next, string reason)
    {
        _wanted = false;
        _restartAt = null;
        _reason = reason;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return new SchedulerEnd(_time.GetUtcNow(), exit, cause, next, null, _failures.Count);
    }

    // Shortly after the machine's start, the time before it counts as its start.
    private static ulong Nanoseconds(TimeSpan time) => (ulong)Math.Max(0, time.Ticks) * TimeSpan.NanosecondsPerTick;
}
