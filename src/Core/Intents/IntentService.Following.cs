using Coxswain.Core.Kernel;

namespace Coxswain.Core.Intents;

// What becomes of the changes when the scheduler ends or is started again. Everything private here runs under the lock.
public sealed partial class IntentService
{
    private DateTimeOffset? _attachedSince;
    private DateTimeOffset? _requestedAt;
    private ulong? _failureSeen;

    /// <summary>
    /// Follows the scheduler when it has ended or has been started again: a failure takes the newest change with it, and all of the last seconds;
    /// the others are in force again as soon as it runs. Done at every other call too, so that this only makes it prompt.
    /// </summary>
    public void FollowScheduler() => Tick();

    private void BindTo(SchedulerState state)
    {
        _attachedSince = state.AttachedSince;
        _requestedAt = state.RequestedAt;
        _failureSeen = state.Failure?.AtNs;
    }

    // The kernel deletes all directives with the scheduler. When that is gone for good, or was started anew by somebody,
    // so are the changes; when it failed and starts again by itself, they wait for it.
    private void Follow()
    {
        if (_book.Active.Count == 0)
        {
            return;
        }

        var state = _scheduler.ReadState();
        if (state.Attached && state.AttachedSince == _attachedSince)
        {
            return;
        }

        var same = state.RequestedAt is not null && state.RequestedAt == _requestedAt;
        if (same && state.Failure is { } failure && failure.AtNs != _failureSeen)
        {
            _failureSeen = failure.AtNs;
            RevertSuspects(failure);
        }

        if (same && state.Attached)
        {
            PutBackInForce(state);
        }
        else if (!same || state.RestartAt is null)
        {
            ForgetAll();
            EndAll(_book.Active, EndCause.SchedulerEnded);
        }
    }

    private void PutBackInForce(SchedulerState state)
    {
        ForgetAll();
        BindTo(state);
        if (_book.Active.Count == 0)
        {
            return;
        }

        try
        {
            // The scheduler that runs now has never heard of their CPU sets.
            foreach (var intent in _book.Active)
            {
                DefineCpuSet(intent);
            }

            RefreshThreads();
            _observer?.Restored(_book.Active.Count);
        }
        catch (SchedulerUnavailableException)
        {
            _attachedSince = null; // it ended again: the next look finds out how
        }
    }

    private void EndAll(IEnumerable<Intent> intents, EndCause cause)
    {
        foreach (var intent in intents.ToList())
        {
            End(intent, cause);
        }
    }

    private void ForgetAll()
    {
        _reconciler.ForgetAll();
        _cgroups.ForgetAll();
    }
}
