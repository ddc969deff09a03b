using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// How intents stay in force and how they end. Everything here runs under the lock.
public sealed partial class IntentService
{
    // A process that creates threads faster than they can be searched is left to the next refresh and to the expiry.
    private const int MaxCleaningPasses = 8;

    // Outside of the lock: the runtime may take its time to answer.
    private void AskForPods()
    {
        if (_namesPods)
        {
            _pods.Refresh();
        }
    }

    // One timer for both: the next expiry and the next refresh. Off while nothing is active.
    private void Reschedule()
    {
        SaveIfChanged();
        TellActiveChanged();
        _namesPods = _book.Active.Any(intent => intent.Request.Selector.NamesPods);
        _events?.Want(_book.Active.Any(intent => !intent.Target.IsById));
        if (_book.Active.Count == 0)
        {
            _awaitingPods.Clear();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var now = IntentClock.Now(_time);
        var due = IntentClock.Until(now, Math.Min(_book.Active.Min(intent => intent.ExpiresNs), NextLookNs(now)));
        // Timers count whole ms and cut the rest off: rounded up, so that they do not fire too early.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(due.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void RequireAttached()
    {
        Follow();
        var state = _scheduler.ReadState();
        if (!state.Attached)
        {
            throw new IntentRejectedException(
                RejectionCause.NotAttached,
                state.Reason.Length > 0 ? state.Reason : "The scheduler is not attached");
        }

        if (_book.Active.Count == 0)
        {
            BindTo(state);
            ForgetAll();
            _nextRefreshNs = IntentClock.Now(_time) + Nanoseconds(s_refreshInterval);
        }
    }

    private void EndExpired()
    {
        var now = IntentClock.Now(_time);
        var expired = _book.Active.Where(intent => intent.ExpiresNs <= now).ToList();
        if (expired.Count > 0)
        {
            EndAndClean(expired, EndCause.Expired, out _, out _);
        }
    }

    private RevertResult Revert(List<Intent> active, List<Change> ended, List<string> unknown)
    {
        var reverted = EndAndClean(active, EndCause.Reverted, out var restored, out var gone);
        Reschedule();
        return new RevertResult(reverted, ended, unknown, restored, gone, _book.Active.Count);
    }

    private List<Change> EndAndClean(List<Intent> intents, EndCause cause, out int restored, out bool gone)
    {
        var changes = intents.ConvertAll(intent => End(intent, cause));
        gone = Clean(intents.SelectMany(intent => intent.Processes).Distinct().ToList(), out restored);
        if (gone)
        {
            intents.ForEach(ReleaseCpuSet);
        }

        return changes;
    }

    private Change End(Intent intent, EndCause cause)
    {
        var change = _book.End(intent, cause, _time.GetUtcNow());
        _unsaved = true;
        _observer?.Ended(change);
        return change;
    }

    // The kernel copies a thread's directive to the threads it creates, so a pass can be overtaken: the last pass
    // is one that finds nothing.
    private bool Clean(List<int> processes, out int restored)
    {
        var changed = new HashSet<TaskKey>();
        var gone = processes.Count == 0;
        try
        {
            // First the cgroups: nobody must get from there what is being taken away.
            if (_cgroups.Settle(_book.Active.SelectMany(intent => intent.Cgroups)) > 0)
            {
                _reconciler.Publish();
            }

            for (var pass = 0; !gone && pass < MaxCleaningPasses; pass++)
            {
                gone = SettleAll(processes.SelectMany(Threads), thorough: true, changed) == 0;
            }
        }
        catch (SchedulerUnavailableException)
        {
            gone = !_scheduler.ReadState().Attached; // with the scheduler; the next look ends the other changes too
        }

        restored = changed.Count;
        return gone;
    }

    private IReadOnlyList<TaskInfo> Threads(int processId) => _tasks.ReadProcess(processId, _book.Details).Tasks;

    private int SettleAll(IEnumerable<TaskInfo> tasks, bool thorough, HashSet<TaskKey>? changed)
    {
        var count = 0;
        foreach (var task in tasks)
        {
            if (_reconciler.Settle(task, thorough) is Settlement.Written or Settlement.Removed)
            {
                changed?.Add(task.Key);
                count++;
            }
        }

        if (count > 0)
        {
            _reconciler.Publish();
        }

        return count;
    }

    // While the runtime does not answer nobody can tell that a pod has ended: the lifetime bounds it.
    private void EndWithTheirPods()
    {
        var table = _pods.Table;
        var ended = table.Problem.Length > 0
            ? []
            : _book.Active.Where(intent => intent.Target.OnlyPods is { } bound && !table.Pods.Any(pod => bound.Contains(pod.Uid))).ToList();
        if (ended.Count > 0)
        {
            EndAndClean(ended, EndCause.PodsEnded, out _, out _);
        }
    }

    // Back to what was before a request that failed half-way. The directives end with their expiry in any case.
    private void TakeBack(Intent intent, Intent? previous)
    {
        _book.Remove(intent);
        if (previous is not null)
        {
            _book.Put(previous);
        }

        if (Clean([.. intent.Processes], out _))
        {
            ReleaseCpuSet(intent);
        }
    }

    private string UnknownIds(List<string> ids)
    {
        var active = _book.Active.Take(10).Select(intent => intent.Id).ToList();
        return $"no change has the id {string.Join(", ", ids.Take(10).Select(id => CommandText.Clean(id, 40)))}; " +
            (active.Count > 0 ? $"active: {string.Join(", ", active)}" : "no change is active");
    }

    private static ulong Nanoseconds(TimeSpan span) => (ulong)(span.Ticks * TimeSpan.NanosecondsPerTick);
}
