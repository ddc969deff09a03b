using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// How intents hear of threads from the kernel, instead of looking for them. What is private here runs under the lock, but for the reading.
public sealed partial class IntentService
{
    // The runtime names a pod only when its first process has started already, and is asked at most once a second.
    private static readonly TimeSpan s_patienceWithRuntime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_runtimeInterval = TimeSpan.FromSeconds(1);

    // How long a cgroup that nobody is in any more keeps its directive, at least.
    private static readonly TimeSpan s_desertedFor = TimeSpan.FromSeconds(2);

    // Cgroups of pods that nobody has named yet, and until when the runtime is asked for them.
    private readonly Dictionary<string, ulong> _awaitingPods = new(StringComparer.Ordinal);

    /// <summary>Whether the kernel tells of threads that come and go; null where it was never asked to.</summary>
    public TaskEventStatus? EventStatus => _events?.Status;

    private bool IsToldOfThreads => _events?.Status.IsActive == true && _book.Active.Any(intent => !intent.Target.IsById);

    // One batch after the other, on the thread that reads them.
    private void Hear(TaskEventBatch batch)
    {
        try
        {
            for (var told = Sort(batch); told is not null;)
            {
                told = Settle(told, ReadTold(told));
            }
        }
#pragma warning disable CA1031 // Nobody waits for this: whatever goes wrong is reported, and repaired by the next look at all threads.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                _observer?.Failed(exception);
                LookSoon();
                Reschedule();
            }
        }
    }

    /// <summary>What a batch of events asks to be looked at.</summary>
    /// <param name="Processes">Processes with all their threads.</param>
    /// <param name="Threads">Single threads of other processes, with their process.</param>
    /// <param name="Details">What the active changes ask to be read of them.</param>
    private sealed record Told(HashSet<int> Processes, Dictionary<int, int> Threads, TaskDetails Details);

    private Told? Sort(TaskEventBatch batch)
    {
        lock (_gate)
        {
            if (_book.Active.Count == 0)
            {
                return null;
            }

            var told = new Told([], [], _book.Details);
            foreach (var happened in batch.Events)
            {
                if (happened.Kind == TaskEventKind.Exit)
                {
                    Leave(happened.Task);
                    told.Threads.Remove(happened.Task.Tid);
                }
                else if (happened.Kind == TaskEventKind.Exec || happened.Task.Tid == happened.ProcessId)
                {
                    told.Processes.Add(happened.ProcessId);
                }
                else
                {
                    told.Threads[happened.Task.Tid] = happened.ProcessId;
                }
            }

            if (_isLooking)
            {
                _toldMeanwhile.UnionWith(told.Processes);
                _toldMeanwhile.UnionWith(told.Threads.Values);
            }

            if (!batch.IsComplete)
            {
                LookSoon();
            }

            return told;
        }
    }

    // Outside of the lock: nobody is to wait for files to be read. What happens to these threads meanwhile is told in the next batch.
    private List<TaskInfo> ReadTold(Told told)
    {
        var tasks = told.Processes.SelectMany(process => _tasks.ReadProcess(process, told.Details).Tasks).ToList();
        foreach (var (tid, process) in told.Threads.Where(thread => !told.Processes.Contains(thread.Value)))
        {
            if (_tasks.ReadThread(process, tid, told.Details) is { } thread)
            {
                tasks.Add(thread);
            }
        }

        return tasks;
    }

    /// <returns>What is to be read once more, as a change that came meanwhile asks for more than was read; null: all is done.</returns>
    private Told? Settle(Told told, List<TaskInfo> tasks)
    {
        lock (_gate)
        {
            if (_book.Active.Count == 0)
            {
                return null;
            }

            if ((_book.Details & ~told.Details) != 0)
            {
                return told with { Details = _book.Details };
            }

            try
            {
                SettleTold(tasks);
                EndThoseWithoutProcesses();
                AwaitReturnToDeserted();
            }
            catch (SchedulerUnavailableException)
            {
                Follow(); // it ended, and the directives with it
            }

            Reschedule();
            return null;
        }
    }

    private void LookSoon() => _nextRefreshNs = Math.Min(_nextRefreshNs, _soonestRefreshNs);

    // A moment later somebody may be born in a cgroup that all have left, who is to have the directive at once.
    private void AwaitReturnToDeserted()
    {
        if (_book.Active.Any(intent => intent.HasDesertedCgroup))
        {
            var soon = Math.Max(_soonestRefreshNs, IntentClock.Now(_time) + Nanoseconds(s_desertedFor));
            _nextRefreshNs = Math.Min(_nextRefreshNs, soon);
        }
    }

    private void SettleTold(List<TaskInfo> tasks)
    {
        var cgroups = CountCgroups();
        var changed = new List<TaskInfo>();
        foreach (var task in tasks)
        {
            var released = false;
            foreach (var intent in _book.Active)
            {
                released |= intent.Release(task.Key) || intent.Processes.Contains(task.ProcessId);
            }

            if (released || IsNamed(task))
            {
                changed.Add(task);
            }

            AwaitPod(task);
        }

        SettleAll(changed, thorough: false, changed: null);
        if ((CountCgroups() != cgroups || tasks.Any(IsIntruder)) && SettleCgroups(tasks) > 0)
        {
            _reconciler.Publish();
        }
    }

    private int CountCgroups() => _book.Active.Sum(intent => intent.Cgroups.Count);

    // A protected process in a cgroup that is directed as such.
    private bool IsIntruder(TaskInfo task) =>
        task.Cgroup.Length > 0 && _book.Active.Any(intent => intent.CoversCgroup(task.Cgroup)) && _protectedTasks.WhyProtected(task) is not null;

    private void Leave(TaskKey task)
    {
        foreach (var intent in _book.Active)
        {
            intent.Release(task);
        }

        _reconciler.Forget(task);
    }

    private void AwaitPod(TaskInfo task)
    {
        if (!_namesPods || task.Cgroup.Length == 0 || _pods.Identify(task.Cgroup) is not { IsContained: true } identity || _pods.PodOf(task) is { IsDescribed: true })
        {
            return;
        }

        _awaitingPods.TryAdd(identity.PodPath.Length > 0 ? identity.PodPath : identity.ContainerPath, IntentClock.Now(_time) + Nanoseconds(s_patienceWithRuntime));
    }

    // The runtime was asked just now, outside of the lock.
    private void FollowAwaited()
    {
        var now = IntentClock.Now(_time);
        foreach (var (cgroup, until) in _awaitingPods.ToList())
        {
            var named = _pods.Table.Of(_pods.Identify(cgroup)) is { IsDescribed: true };
            if (named)
            {
                _nextRefreshNs = Math.Min(_nextRefreshNs, _soonestRefreshNs);
            }

            if (named || until <= now)
            {
                _awaitingPods.Remove(cgroup);
            }
        }
    }

    private ulong NextLookNs(ulong now) =>
        _awaitingPods.Count == 0 ? _nextRefreshNs : Math.Min(_nextRefreshNs, now + Nanoseconds(s_runtimeInterval));

    private void EndThoseWithoutProcesses()
    {
        foreach (var intent in _book.Active.Where(intent => intent.Target.IsById && intent.HeldCount == 0).ToList())
        {
            End(intent, EndCause.ProcessesEnded);
            ReleaseCpuSet(intent);
        }
    }
}
