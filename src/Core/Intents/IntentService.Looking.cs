using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// How all threads are looked at: each second where the kernel does not tell of them, else to repair what went wrong.
public sealed partial class IntentService
{
    private static readonly TimeSpan s_refreshInterval = TimeSpan.FromSeconds(1);

    // Looking through 20,000 threads takes 0.3 s: with a regex active it is then done every 3 s, not each second.
    private const int RefreshShare = 10;

    // Where the kernel tells of threads: 1 % of one CPU.
    private static readonly TimeSpan s_repairInterval = TimeSpan.FromSeconds(10);
    private const int RepairShare = 100;

    // Processes that were told of while a look was being taken: what it saw of them may be older than what was told.
    private readonly HashSet<int> _toldMeanwhile = [];
    private const int MaxPasses = 3;
    private readonly Lock _looking = new();
    private volatile bool _isLooking;
    private ulong _nextRefreshNs;
    private ulong _soonestRefreshNs;

    private void Tick()
    {
        try
        {
            LookAround(atAll: false);
        }
#pragma warning disable CA1031 // A timer has no caller: whatever goes wrong is reported and tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _observer?.Failed(exception);
            lock (_gate)
            {
                _nextRefreshNs = IntentClock.Now(_time) + Nanoseconds(s_refreshInterval);
                Reschedule();
            }
        }
    }

    private void LookAround(bool atAll)
    {
        lock (_looking)
        {
            AskForPods();
            try
            {
                LookOnce(atAll);
            }
            finally
            {
                _isLooking = false;
            }
        }
    }

    private void LookOnce(bool atAll)
    {
        long version;
        TaskDetails details;
        HashSet<int>? processes;
        lock (_gate)
        {
            Follow();
            EndExpired();
            FollowAwaited();
            if (!atAll && IntentClock.Now(_time) < _nextRefreshNs)
            {
                Reschedule();
                return;
            }

            (version, details, processes) = (_book.Version, _book.Details, ProcessesToRead());
            _toldMeanwhile.Clear();
            _isLooking = true;
        }

        // Outside of the lock: nobody is to wait for thousands of files to be read.
        var started = _time.GetTimestamp();
        var reading = Read(processes, details);
        for (var pass = 0; TakeToldMeanwhile(version, pass) is { } again; pass++)
        {
            reading = new TaskReading(
                [.. reading.Tasks.Where(task => !again.Contains(task.ProcessId)), .. again.SelectMany(process => _tasks.ReadProcess(process, details).Tasks)],
                reading.Truncated);
        }

        lock (_gate)
        {
            if (version == _book.Version)
            {
                RefreshFrom(reading);
                PlanRefresh(_time.GetElapsedTime(started));
            }
            else
            {
                // It may lack what a new intent asks for.
                _nextRefreshNs = IntentClock.Now(_time) + Nanoseconds(s_refreshInterval);
            }

            _isLooking = false;
            Reschedule();
        }
    }

    // The few that are told of even then are read under the lock.
    private HashSet<int>? TakeToldMeanwhile(long version, int pass)
    {
        lock (_gate)
        {
            if (_toldMeanwhile.Count == 0 || pass == MaxPasses || version != _book.Version)
            {
                return null;
            }

            var told = _toldMeanwhile.ToHashSet();
            _toldMeanwhile.Clear();
            return told;
        }
    }

    // Ids name only processes that have been seen already; everything else may match one that nobody has heard of.
    private HashSet<int>? ProcessesToRead() =>
        _book.Active.Any(intent => !intent.Target.IsById) ? null : _book.Active.SelectMany(intent => intent.Processes).ToHashSet();

    private TaskReading Read(HashSet<int>? processes, TaskDetails details) => processes is null
        ? _tasks.ReadAll(details)
        : new TaskReading([.. processes.Order().SelectMany(process => _tasks.ReadProcess(process, details).Tasks)], Truncated: false);

    private void RefreshThreads()
    {
        _toldMeanwhile.Clear();
        RefreshFrom(Read(ProcessesToRead(), _book.Details));
    }

    private void RefreshFrom(TaskReading reading)
    {
        // While the scheduler is being started again there is nothing to write to.
        if (_book.Active.Count == 0 || !_scheduler.ReadState().Attached)
        {
            return;
        }

        NoteUpperUse();
        var processes = _book.Active.SelectMany(intent => intent.Processes).ToHashSet();
        var tasks = reading.Tasks.Where(task => processes.Contains(task.ProcessId) || IsNamed(task)).ToList();
        var living = reading.Truncated ? null : tasks.Select(task => task.ProcessId).ToHashSet();
        living?.UnionWith(_toldMeanwhile);
        foreach (var intent in _book.Active)
        {
            intent.ReleaseAll(living);
        }

        _reconciler.ForgetAllBut(tasks.Select(task => task.Key).ToHashSet());
        SettleAll(tasks.Where(task => !_toldMeanwhile.Contains(task.ProcessId)), thorough: false, changed: null);
        SettleTold([.. _toldMeanwhile.SelectMany(Threads)]);
        if (SettleCgroups(tasks) > 0)
        {
            _reconciler.Publish();
        }

        EndThoseWithoutProcesses();
        EndWithTheirPods();
    }

    private void PlanRefresh(TimeSpan took)
    {
        var (share, least) = IsToldOfThreads ? (RepairShare, s_repairInterval) : (RefreshShare, s_refreshInterval);
        var pause = took * share;
        var now = IntentClock.Now(_time);
        _nextRefreshNs = now + Nanoseconds(pause > least ? pause : least);
        // Sooner when events were lost, but no more often than without any.
        _soonestRefreshNs = now + Nanoseconds(took * RefreshShare);
    }

    private bool IsNamed(TaskInfo task) => _book.Active.Any(intent => intent.Target.Names(task));
}
