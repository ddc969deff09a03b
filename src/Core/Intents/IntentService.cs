using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Applies intents to the running kernel, keeps them in force for their lifetime, and takes them back.</summary>
/// <remarks>
/// Thread-safe; the one writer of directives. The kernel tells of threads that come and go, so that they join and leave at once;
/// where it does not, all named threads are looked up anew each second, as long as an intent is active. Whole pods, cgroups and units are directed as such too,
/// so that what is born in them has the directive at once. The kernel ends a directive at its expiry by itself; this class
/// then cleans up within 100 ms and gives threads back to another intent.
/// </remarks>
public sealed partial class IntentService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IScheduler _scheduler;
    private readonly ITaskSource _tasks;
    private readonly TimeProvider _time;
    private readonly IIntentObserver? _observer;
    private readonly SelectorResolver _resolver;
    private readonly PodRegistry _pods;
    private readonly ITaskEvents? _events;
    private readonly IntentBook _book = new();
    private readonly PlanBook _plans = new();
    private readonly DirectiveCompiler _compiler;
    private readonly Reconciler _reconciler;
    private readonly CgroupReconciler _cgroups;
    private readonly ProtectedTasks _protectedTasks;
    private readonly ITimer _timer;
    private volatile bool _namesPods;

    /// <summary>Creates the service; nothing runs until an intent is applied.</summary>
    /// <param name="scheduler">The scheduler to steer.</param>
    /// <param name="tasks">Where threads are looked up.</param>
    /// <param name="protectedTasks">The threads to leave alone.</param>
    /// <param name="time">Clock and timers; the system's in production.</param>
    /// <param name="observer">Is told of each change; may be null.</param>
    /// <param name="pods">Knows the pods; null: there are none.</param>
    /// <param name="cgroupRoot">Where cgroup v2 is mounted.</param>
    /// <param name="events">Tells of threads; null: they are looked for each second.</param>
    public IntentService(
        IScheduler scheduler, ITaskSource tasks, ProtectedTasks protectedTasks, TimeProvider time, IIntentObserver? observer = null,
        PodRegistry? pods = null, string cgroupRoot = "/sys/fs/cgroup",
        ITaskEvents? events = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(time);
        _scheduler = scheduler;
        _tasks = tasks;
        _time = time;
        _observer = observer;
        _protectedTasks = protectedTasks;
        _events = events;
        _pods = pods ?? new PodRegistry(null, time);
        _resolver = new SelectorResolver(tasks, protectedTasks, _pods);
        _compiler = new DirectiveCompiler(_book, protectedTasks);
        _reconciler = new Reconciler(scheduler, _compiler);
        _cgroups = new CgroupReconciler(scheduler, _compiler, cgroupRoot);
        _timer = time.CreateTimer(static self => ((IntentService)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        events?.Happened += Hear;
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
    /// <param name="request">What is asked for.</param>
    /// <param name="planId">Id of a preview of the same request, to apply it only if it still names the same; empty for none.</param>
    /// <exception cref="IntentRejectedException">Refused; nothing was changed.</exception>
    public ApplyResult Apply(IntentRequest request, string planId = "")
    {
        RefuseReadOnly();
        request = Checked(request);
        var seen = SecondsSeen();
        ApplyResult result;
        lock (_gate)
        {
            try
            {
                RequireAttached();
                EndExpired();
                // What happens from here on waits for the lock: nobody is born unseen while the threads are read.
                _events?.Want(true);
                var plan = MakePlan(request);
                if (planId.Length > 0)
                {
                    _plans.Check(planId, plan, _time.GetUtcNow());
                }

                RefuseConflicts(plan);
                RefuseUnconfirmed(plan);
                RefuseHaste();
                plan.Intent.SeenUntil = plan.Previous?.SeenUntil ?? seen;
                result = Apply(plan);
            }
            finally
            {
                Reschedule();
            }
        }

        AwaitSaved();
        return result;
    }

    /// <summary>Ends changes and removes what they left in the kernel. Ending one that has ended already is no error.</summary>
    /// <param name="ids">Ids of the changes.</param>
    /// <exception cref="IntentRejectedException">None of the ids is known, or nothing may be changed.</exception>
    public RevertResult Revert(IReadOnlyCollection<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        RefuseReadOnly();
        RevertResult result;
        lock (_gate)
        {
            Follow();
            EndExpired();
            var (active, ended, unknown) = Find(ids);
            result = Revert(active, ended, unknown);
        }

        AwaitSaved();
        return result;
    }

    /// <summary>Ends all active changes.</summary>
    /// <param name="author">Only those that this one asked for; null: whoever asked.</param>
    /// <exception cref="IntentRejectedException">Nothing may be changed.</exception>
    public RevertResult RevertAll(string? author = null)
    {
        RefuseReadOnly();
        RevertResult result;
        lock (_gate)
        {
            Follow();
            EndExpired();
            result = Revert(OfAuthor(author), [], []);
        }

        AwaitSaved();
        return result;
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

    /// <summary>Looks all named threads up anew. Runs by itself while an intent is active.</summary>
    public void Refresh() => LookAround(atAll: true);

    /// <summary>Stops looking after intents. What is in the kernel ends at its expiry or with the scheduler.</summary>
    public void Dispose()
    {
        _events?.Happened -= Hear;
        _timer.Dispose();
    }

    private static IntentRequest Clean(IntentRequest request)
    {
        if (IntentValidator.Problems(request) is { Count: > 0 } problems)
        {
            throw new IntentRejectedException(RejectionCause.Invalid, string.Join("; ", problems));
        }

        return request with
        {
            Author = CommandText.Clean(request.Author, IntentLimits.MaxAuthorLength),
            Reason = CommandText.Clean(request.Reason, IntentLimits.MaxReasonLength),
        };
    }

    // Before the lock is taken: the runtime may take its time to answer, and the observer to load.
    private IntentRequest Checked(IntentRequest request)
    {
        request = Clean(request);
        if (request.Selector.NamesPods)
        {
            _pods.Refresh();
        }

        RefuseUnguardable(request);
        return request;
    }

    private ApplyResult Apply(IntentPlan plan)
    {
        var (intent, previous, resolution) = (plan.Intent, plan.Previous, plan.Resolution);
        DefineCpuSet(intent);
        _book.Put(intent);
        try
        {
            var written = WriteAll(plan);
            var applied = ReadBack(written, resolution.Skipped, out var visible);
            if (applied.Count == 0)
            {
                throw new IntentRejectedException(RejectionCause.NoSuchTask, "all named threads ended before they could be changed");
            }

            if (previous is not null)
            {
                ReleaseCpuSet(previous);
            }

            var change = intent.Describe();
            _unsaved = true;
            _observer?.Applied(change, renewed: previous is not null);
            return new ApplyResult(change, previous is not null, applied, resolution.Skipped, visible) { Pods = resolution.Pods };
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

    private List<TaskInfo> WriteAll(IntentPlan plan)
    {
        var resolution = plan.Resolution;
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

        SettleCgroups(resolution.Skipped.Select(skipped => skipped.Task).Concat(resolution.Tasks));
        _reconciler.Publish();
        return written;
    }

    private int SettleCgroups(IEnumerable<TaskInfo> protectedTasks)
    {
        foreach (var task in protectedTasks.Where(task => task.Cgroup.Length > 0 && _protectedTasks.WhyProtected(task) is not null))
        {
            foreach (var intent in _book.Active)
            {
                intent.ReleaseCgroupsOf(task);
            }
        }

        return _cgroups.Settle(_book.Active.SelectMany(intent => intent.Cgroups));
    }
}
