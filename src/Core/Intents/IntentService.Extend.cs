using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// More time for a change that is in force.
public sealed partial class IntentService
{
    /// <summary>Gives a change more time, within the operator's limit; what it sets and for whom stays as it is.</summary>
    /// <param name="id">Id of the change.</param>
    /// <param name="ttlSeconds">Its lifetime from now on, s.</param>
    /// <exception cref="IntentRejectedException">Refused; nothing was changed.</exception>
    public ExtendResult Extend(string id, int ttlSeconds)
    {
        ArgumentNullException.ThrowIfNull(id);
        RefuseReadOnly();
        lock (_gate)
        {
            try
            {
                RequireAttached();
                EndExpired();
                return Extend(FindToExtend(id), ttlSeconds);
            }
            finally
            {
                Reschedule();
            }
        }
    }

    private Intent FindToExtend(string id)
    {
        if (_book.FindActive(id) is { } intent)
        {
            return intent;
        }

        throw new IntentRejectedException(RejectionCause.UnknownChange, _book.FindEnded(id) is { } ended
            ? $"{ended.Id} ended at {ended.EndedAt?.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, and what has ended cannot be extended; ask for it anew"
            : UnknownIds([id]));
    }

    private ExtendResult Extend(Intent previous, int ttlSeconds)
    {
        var request = Clean(previous.Request with { TtlSeconds = ttlSeconds });
        RefuseBeyondLimits(request);
        var before = previous.Describe();
        var intent = NewIntent(request, previous.Target, previous, previous.Specificity, previous.Rank);
        if (intent.ExpiresNs < previous.ExpiresNs)
        {
            var left = (int)Math.Ceiling((previous.ExpiresAt - _time.GetUtcNow()).TotalSeconds);
            throw new IntentRejectedException(
                RejectionCause.Invalid,
                $"{previous.Id} has {left} s left, and ttl_seconds={ttlSeconds} would shorten that: give more, or revert it when it is no longer needed");
        }

        RefuseHaste();
        DefineCpuSet(intent);
        _book.Put(intent);
        _unsaved = true;
        try
        {
            RefreshThreads();
            if (_book.FindActive(intent.Id) is null)
            {
                ReleaseCpuSet(previous);
                throw new IntentRejectedException(RejectionCause.NoSuchTask, "all processes that it names have ended, and it with them");
            }

            ReadBack(HeldBy(intent), [], out var visible);
            ReleaseCpuSet(previous);
            var change = intent.Describe();
            _observer?.Applied(change, renewed: true);
            return new ExtendResult(change, before.ExpiresAt, visible);
        }
        catch (SchedulerUnavailableException exception)
        {
            TakeBack(intent, previous);
            Follow();
            throw new IntentRejectedException(RejectionCause.NotAttached, exception.Message, exception);
        }
    }

    private List<TaskInfo> HeldBy(Intent intent) =>
        [.. intent.Processes.Order().SelectMany(Threads).Where(task => intent.Holds(task.Key) && !intent.IsShadowed(task.Key))];
}
