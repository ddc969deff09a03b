using System.Diagnostics;

namespace Coxswain.Core.Kernel;

/// <summary>Events of threads from the running kernel.</summary>
public sealed unsafe class TaskEvents : ITaskEvents, IDisposable
{
    private const int MaxBatch = 4096;
    private const ulong NsPerTick = 10_000_000;
    private const int IdleWaitMs = 1000;

    // The kernel tells of a new name just before it is there to be read.
    private const int RenamingMs = 2;
    private const ulong NsPerMs = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<TaskKey, TaskEvent> _renamed = [];
    private readonly int _stopFd = LibC.eventfd(0, 0);
    private EventProgram? _program;
    private Thread? _thread;
    private volatile bool _stopping;
    private volatile string _problem = "not started, as the scheduler is not attached";
    private bool _wanted;
    private long _told;
    private ulong _lostSeen;

    /// <inheritdoc/>
    public event Action<TaskEventBatch>? Happened;

    /// <inheritdoc/>
    public TaskEventStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new TaskEventStatus(_problem, Interlocked.Read(ref _told), _program is null ? 0 : (long)Volatile.Read(ref _program.State.Pointer->NrLost));
            }
        }
    }

    /// <summary>Starts to tell, unless it does. Where that is impossible, <see cref="Status"/> says why.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_program is not null || _stopping)
            {
                return;
            }

            try
            {
                _program = EventProgram.Start();
            }
            catch (Exception e) when (e is TaskEventsUnavailableException or InvalidOperationException)
            {
                _problem = e.Message;
                return;
            }

            _program.Control.Pointer->Wanted = _wanted ? 1u : 0;
            _problem = "";
            _thread = new Thread(Run) { Name = "cox-events", IsBackground = true };
            _thread.Start(_program);
        }
    }

    /// <inheritdoc/>
    public void Want(bool wanted)
    {
        lock (_lock)
        {
            _wanted = wanted;
            if (_program is not null)
            {
                Volatile.Write(ref _program.Control.Pointer->Wanted, wanted ? 1u : 0);
            }
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        ulong one = 1;
        _ = LibC.write(_stopFd, &one, sizeof(ulong));
        Thread? thread;
        lock (_lock)
        {
            thread = _thread;
        }

        thread?.Join();
        lock (_lock)
        {
            _program?.Dispose();
            _program = null;
            _problem = "ended";
        }

        _ = LibC.close(_stopFd);
    }

    private void Run(object? argument)
    {
        var program = (EventProgram)argument!;
        // What happened before is not in the ring.
        Happened?.Invoke(new TaskEventBatch([], IsComplete: false));
        var pacing = new EventPacing(TimeProvider.System);
        while (!_stopping)
        {
            if (!program.Events.HasMore)
            {
                Wait(program.Events.Fd, _renamed.Count == 0 ? IdleWaitMs : RenamingMs);
            }

            long started = Stopwatch.GetTimestamp();
            TaskEventBatch batch = Read(program);
            if (batch.Events.Count > 0 || !batch.IsComplete)
            {
                Happened?.Invoke(batch);
            }

            Thread.Sleep(pacing.PauseAfter(Stopwatch.GetElapsedTime(started)));
        }
    }

    private void Wait(int ring, int longestMs)
    {
        LibC.PollFd* fds = stackalloc LibC.PollFd[2];
        fds[0] = new LibC.PollFd { Fd = ring, Events = LibC.PollIn };
        fds[1] = new LibC.PollFd { Fd = _stopFd, Events = LibC.PollIn };
        _ = LibC.poll(fds, 2, longestMs);
    }

    // Those whose new name is there by now; what the same threads are told of meanwhile is looked at without waiting.
    private List<TaskEvent> TakeRenamed()
    {
        ulong latest = MonotonicClock.NowNs - (RenamingMs * NsPerMs);
        List<TaskEvent> due = [.. _renamed.Values.Where(told => told.AtNs <= latest)];
        due.ForEach(told => _renamed.Remove(told.Task));
        return due;
    }

    private TaskEventBatch Read(EventProgram program)
    {
        List<TaskEvent> events = TakeRenamed();
        int again = events.Count;
        while (events.Count < MaxBatch && program.Events.Next() is var record && record != null)
        {
            var told = new TaskEvent(record->Kind, new TaskKey(record->Pid, (long)(record->StartTimeNs / NsPerTick)), record->Tgid, record->AtNs);
            events.Add(told);
            if (told.Kind == TaskEventKind.Rename)
            {
                _renamed[told.Task] = told;
            }
            else
            {
                _ = _renamed.Remove(told.Task); // execve() renames, and tells again when that is done
            }
        }

        program.Events.Release();
        Interlocked.Add(ref _told, events.Count - again);
        ulong lost = Volatile.Read(ref program.State.Pointer->NrLost);
        bool complete = lost == _lostSeen;
        _lostSeen = lost;
        return new TaskEventBatch(events, complete);
    }
}
