using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;

namespace Coxswain.Core.Intents;

// What guards need to know of the changes, and how they take one back.
public sealed partial class IntentService
{
    private long _versionTold;

    /// <summary>Measures what guards look at; null: nothing does, and no change can have a guard.</summary>
    public IObserver? WaitObserver { get; init; }

    /// <summary>Raised when a change has come or gone. Locks are held then: a handler only notes it, and calls nothing here.</summary>
    public event Action? ActiveChanged;

    /// <summary>The active changes as guards look at them.</summary>
    public GuardedChanges ReadGuarded()
    {
        lock (_gate)
        {
            List<GuardedChange> changes =
            [
                .. _book.Active.OrderByDescending(intent => intent.Number)
                    .Select(intent => new GuardedChange(intent.Number, intent.Id, intent.SeenUntil, intent.Request.Guard)),
            ];
            return new GuardedChanges(_book.Version, changes, new TouchedTasks(_book.Active).Contains);
        }
    }

    /// <summary>Takes a change back because of what a guard found. Needs nobody's leave.</summary>
    /// <param name="number">Number of the change.</param>
    /// <param name="finding">What it found.</param>
    /// <returns>The change; null when it had ended already.</returns>
    public Change? RevertByGuard(uint number, GuardFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        Change? change = null;
        lock (_gate)
        {
            Follow();
            EndExpired();
            if (_book.Active.FirstOrDefault(intent => intent.Number == number) is { } intent)
            {
                intent.Finding = finding;
                change = EndAndClean([intent], EndCause.Guard, out _, out _)[0];
            }

            Reschedule();
        }

        if (change is not null)
        {
            AwaitSaved();
        }

        return change;
    }

    /// <summary>What a guard's metric is now, of as many of the last seconds as it looks at.</summary>
    /// <returns>µs; null when nobody of that workload waited, or nothing was observed yet.</returns>
    public double? MeasureNow(IntentGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        var scope = guard.Workload.Selector is { } selector ? ObservedSelection.Of(selector, _pods) : Bystanders(ReadGuarded().Touches);
        return WaitObserver?.Observe(guard.ForSeconds, scope) is { Total: var total, DurationNs: var duration }
            ? guard.Metric.Of(total, duration) / 1000
            : null;
    }

    /// <summary>The threads of workloads that no change touches; those of the kernel and of this program are no workloads.</summary>
    /// <param name="touches">Tells whom changes touch.</param>
    internal ObservationScope Bystanders(Func<ObservedTask, bool> touches) => new(task =>
        !task.IsKernelThread && task.ProcessId != 0 && !_protectedTasks.IsOwn(task.ProcessId) && !touches(task));

    // Before the lock is taken: the observer takes a second to load.
    private void RefuseUnguardable(IntentRequest request)
    {
        if (request.Guard is not { } guard)
        {
            return;
        }

        if (WhyNotObserved() is { Length: > 0 } why)
        {
            throw new IntentRejectedException(RejectionCause.Unobservable, $"guard cannot be watched: {why}");
        }

        if (guard.Workload.Selector is { } selector && !IsThere(selector))
        {
            throw new IntentRejectedException(
                RejectionCause.NoSuchTask, $"guard.workload=\"{Workloads.CommandText.Clean(guard.Workload.Text, GuardWorkload.MaxLength)}\" names no thread that runs here, so that the guard would never act");
        }
    }

    private void RefuseManyGuards(IntentRequest request, Intent? previous)
    {
        if (request.Guard is not null && _book.Active.Count(intent => intent.Request.Guard is not null && intent.Number != previous?.Number) >= IntentLimits.MaxGuards)
        {
            throw Exceeded($"{IntentLimits.MaxGuards} changes with a guard are active, and no more can be watched; revert one first, or give no guard");
        }
    }

    private string WhyNotObserved()
    {
        try
        {
            if (WaitObserver is null)
            {
                return "nothing measures waits here";
            }

            WaitObserver.Start();
            return "";
        }
        catch (ObserverUnavailableException exception)
        {
            return exception.Message;
        }
    }

    private bool IsThere(Selector selector)
    {
        if (selector.Pids.Count > 0)
        {
            return selector.Pids.Any(pid => _tasks.Find(pid) is { IsDead: false });
        }

        if (selector.NamesPods)
        {
            _pods.Refresh();
        }

        var target = new ResolvedSelector(selector, _pods);
        return _tasks.ReadAll(target.Details).Tasks.Any(target.Names);
    }

    // Before the lock is taken: what follows lies after it.
    private uint SecondsSeen() => WaitObserver?.State is { Running: true } state ? state.LastSecond : 0;

    private void TellActiveChanged()
    {
        if (_versionTold != _book.Version)
        {
            _versionTold = _book.Version;
            ActiveChanged?.Invoke();
        }
    }

    // The newest change goes with each failure, whatever its age: where it is the cause, the scheduler would only fail again. So do
    // all that are as young as the kernel's watchdog may be late.
    private void RevertSuspects(SchedulerFailure failure)
    {
        if (_book.Active.Count == 0)
        {
            return;
        }

        var exit = failure.Cause.Length > 0 ? $": {Workloads.CommandText.Clean(failure.Cause, 200)}" : "";
        var newest = _book.Active.Max(intent => intent.Number);
        foreach (var intent in _book.Active.Where(intent => intent.Number == newest || intent.AppliedNs >= failure.SuspectSinceNs).ToList())
        {
            var age = IntentClock.Until(intent.AppliedNs, failure.AtNs).TotalSeconds;
            intent.Finding = new GuardFinding(GuardTrigger.Ejected, $"the kernel ended the scheduler {age:0.0} s after it was asked for{exit}");
            End(intent, EndCause.Guard);
        }
    }
}
