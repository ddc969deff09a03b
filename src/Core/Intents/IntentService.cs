using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>Applies intents to the running kernel, keeps them in force for their lifetime, and takes them back.</summary>
/// <remarks>
/// Thread-safe; the one writer of directives. Each second, as long as an intent is active, all named threads are looked
/// up anew, so that those born meanwhile join and dead ones leave. The kernel ends a directive at its expiry by itself;
/// this class then cleans up within 100 ms and gives threads back to an older intent.
/// </remarks>
public sealed partial class IntentService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IScheduler _scheduler;
    private readonly ITaskSource _tasks;
    private readonly TimeProvider _time;
    private readonly IIntentObserver? _observer;
    private readonly SelectorResolver _resolver;
    private readonly IntentBook _book = new();
    private readonly Reconciler _reconciler;
    private readonly ITimer _timer;

    /// <summary>Creates the service; nothing runs until an intent is applied.</summary>
    /// <param name="scheduler">The scheduler to steer.</param>
    /// <param name="tasks">Where threads are looked up.</param>
    /// <param name="protectedTasks">The threads to leave alone.</param>
    /// <param name="time">Clock and timers; the system's in production.</param>
    /// <param name="observer">Is told of each change; may be null.</param>
    public IntentService(
        IScheduler scheduler, ITaskSource tasks, ProtectedTasks protectedTasks, TimeProvider time, IIntentObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(time);
        _scheduler = scheduler;
        _tasks = tasks;
        _time = time;
        _observer = observer;
        _resolver = new SelectorResolver(tasks, protectedTasks);
        _reconciler = new Reconciler(scheduler, new DirectiveCompiler(_book, protectedTasks));
        _timer = time.CreateTimer(static self => ((IntentService)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many changes are active.</summary>
    public int ActiveCount
    {
        get
        {
            lock (_gate)
            {
                return _book.Active.Count;
            }
        }
    }

    /// <summary>Applies an intent, or renews the active one that asks for the same; reads the outcome back from the kernel.</summary>
    /// <exception cref="IntentRejectedException">Refused; nothing was changed.</exception>
    public ApplyResult Apply(IntentRequest request)
    {
        if (IntentValidator.Problems(request) is { Count: > 0 } problems)
        {
            throw new IntentRejectedException(RejectionCause.Invalid, string.Join("; ", problems));
        }

        request = request with
        {
            Author = CommandText.Clean(request.Author, IntentLimits.MaxAuthorLength),
            Reason = CommandText.Clean(request.Reason, IntentLimits.MaxReasonLength),
        };
        lock (_gate)
        {
            try
            {
                RequireAttached();
                EndExpired();
                var previous = _book.FindSame(request);
                if (previous is null && _book.Active.Count >= IntentLimits.MaxActiveIntents)
                {
                    throw new IntentRejectedException(
                        RejectionCause.LimitExceeded,
                        $"{_book.Active.Count} changes are active, at most {IntentLimits.MaxActiveIntents} can be; revert one first");
                }

                var resolution = _resolver.Resolve(request.Selector);
                return Apply(NewIntent(request, resolution.Target, previous), previous, resolution);
            }
            finally
            {
                Reschedule();
            }
        }
    }

    /// <summary>Ends changes and removes what they left in the kernel. Ending one that has ended already is no error.</summary>
    /// <param name="ids">Ids of the changes.</param>
    /// <exception cref="IntentRejectedException">None of the ids is known.</exception>
    public RevertResult Revert(IReadOnlyCollection<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_gate)
        {
            Follow();
            EndExpired();
            List<Intent> active = [];
            List<Change> ended = [];
            List<string> unknown = [];
            foreach (var id in ids.Distinct())
            {
                if (_book.FindActive(id) is { } intent)
                {
                    active.Add(intent);
                }
                else if (_book.FindEnded(id) is { } change)
                {
                    ended.Add(change);
                }
                else
                {
                    unknown.Add(id);
                }
            }

            if (active.Count == 0 && ended.Count == 0)
            {
                throw new IntentRejectedException(RejectionCause.UnknownChange, UnknownIds(unknown));
            }

            return Revert(active, ended, unknown);
        }
    }

    /// <summary>Ends all active changes.</summary>
    public RevertResult RevertAll()
    {
        lock (_gate)
        {
            Follow();
            EndExpired();
            return Revert([.. _book.Active], [], []);
        }
    }

    /// <summary>The changes, newest first.</summary>
    /// <param name="includeEnded">Also those that ended, as far as they are remembered.</param>
    public IReadOnlyList<Change> Changes(bool includeEnded)
    {
        lock (_gate)
        {
            Follow();
            EndExpired();
            var active = _book.Active.Select(intent => intent.Describe());
            return [.. (includeEnded ? active.Concat(_book.Ended) : active).OrderByDescending(change => change.Number)];
        }
    }

    /// <summary>Looks all named threads up anew. Runs by itself each second while an intent is active.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            Follow();
            EndExpired();
            RefreshThreads();
            Reschedule();
        }
    }

    /// <summary>Stops looking after intents. What is in the kernel ends at its expiry or with the scheduler.</summary>
    public void Dispose() => _timer.Dispose();

    private Intent NewIntent(IntentRequest request, ResolvedSelector target, Intent? previous)
    {
        var lifetime = TimeSpan.FromSeconds(request.TtlSeconds);
        return new Intent
        {
            Number = previous?.Number ?? _book.NextNumber(),
            Id = previous?.Id ?? _book.NextId(),
            Request = request,
            Target = target,
            CreatedAt = previous?.CreatedAt ?? _time.GetUtcNow(),
            ExpiresAt = _time.GetUtcNow() + lifetime,
            ExpiresNs = IntentClock.Now(_time) + (ulong)(lifetime.Ticks * TimeSpan.NanosecondsPerTick),
            Rank = _book.NextRank(),
            Processes = previous?.Processes ?? [],
        };
    }

    private ApplyResult Apply(Intent intent, Intent? previous, Resolution resolution)
    {
        _book.Put(intent);
        try
        {
            var written = WriteAll(resolution);
            var applied = ReadBack(written, resolution.Skipped, out var visible);
            if (applied.Count == 0)
            {
                throw new IntentRejectedException(RejectionCause.NoSuchTask, "all named threads ended before they could be changed");
            }

            var change = intent.Describe();
            _observer?.Applied(change, renewed: previous is not null);
            return new ApplyResult(change, previous is not null, applied, resolution.Skipped, visible);
        }
        catch (Exception exception)
        {
            TakeBack(intent, previous);
            if (exception is SchedulerUnavailableException)
            {
                Follow();
                throw new IntentRejectedException(RejectionCause.NotAttached, exception.Message, exception);
            }

            throw;
        }
    }

    private List<TaskInfo> WriteAll(Resolution resolution)
    {
        var written = new List<TaskInfo>(resolution.Tasks.Count);
        foreach (var task in resolution.Tasks)
        {
            if (_reconciler.Settle(task, thorough: false) == Settlement.Gone)
            {
                resolution.Skipped.Add(new SkippedTask(task, EndedMeanwhile));
            }
            else
            {
                written.Add(task);
            }
        }

        _reconciler.Publish();
        return written;
    }
}
