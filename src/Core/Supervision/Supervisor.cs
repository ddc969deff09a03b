using System.Globalization;
using Coxswain.Core.Kernel;

namespace Coxswain.Core.Supervision;

/// <summary>Keeps the scheduler running as long as that makes sense, and says why when it does not.</summary>
/// <remarks>
/// Looks at the exit record a few times a second. After an error the scheduler is started again, each time after a longer
/// pause; after too many of them within a window it stays off, and the kernel's own scheduler runs. When somebody ended it on
/// purpose, or another scheduler has been attached meanwhile, it stays off too. <see cref="Start"/> begins anew. Thread-safe.
/// </remarks>
public sealed partial class Supervisor : IScheduler, IDisposable
{
    /// <summary>Ends that are remembered; each may hold a dump of 64 KB.</summary>
    private const int MaxEnds = 8;

    private readonly IStartableScheduler _scheduler;
    private readonly TimeProvider _time;
    private readonly SupervisorOptions _options;
    private readonly ISupervisorObserver? _observer;
    private readonly ITimer _timer;
    private readonly long _born;

    // Held while the scheduler is started or stopped, which takes seconds. Taken before _gate, never within it.
    private readonly Lock _operation = new();

    // Guards the fields below, for moments.
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _failures = [];
    private readonly LinkedList<SchedulerEnd> _ends = [];
    private bool _wanted;
    private bool _running;
    private TimeSpan? _restartAt;
    private DateTimeOffset? _requestedAt;
    private SchedulerFailure? _failure;
    private string _reason = "";

    /// <summary>Supervises a scheduler; nothing happens before <see cref="Start"/>.</summary>
    /// <param name="scheduler">The scheduler; from now on it is started and stopped only through this.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="options">When to start again, and when to give up.</param>
    /// <param name="observer">Is told what happens; may be null.</param>
    public Supervisor(IStartableScheduler scheduler, TimeProvider time, SupervisorOptions options, ISupervisorObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _scheduler = scheduler;
        _time = time;
        _born = time.GetTimestamp();
        _options = options;
        _observer = observer;
        _timer = time.CreateTimer(static self => ((Supervisor)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Raised after the scheduler has ended or has been started again, for those who keep something in it. No lock is held
    /// then; a handler must not throw.
    /// </summary>
    public event Action? Changed;

    /// <inheritdoc/>
    public IDirectiveStore Directives => _scheduler.Directives;

    /// <inheritdoc/>
    public ICgroupDirectiveStore CgroupDirectives => _scheduler.CgroupDirectives;

    /// <inheritdoc/>
    public ICpuSetStore CpuSets => _scheduler.CpuSets;

    /// <summary>How often the scheduler ended unasked since it was made, latest first; at most 8 are remembered.</summary>
    public IReadOnlyList<SchedulerEnd> Ends
    {
        get
        {
            lock (_gate)
            {
                return [.. _ends];
            }
        }
    }

    /// <summary>
    /// Starts the scheduler and forgets earlier failures. When the kernel ends it at once for a reason that passes, it
    /// returns all the same, and the scheduler is started again soon: <see cref="Snapshot"/> tells.
    /// </summary>
    /// <exception cref="SchedulerUnavailableException">It cannot run here; the message says why, and what to do.</exception>
    public void Start()
    {
        // One that the kernel has just ended would count as running, and stay off.
        Tick();
        lock (_operation)
        {
            lock (_gate)
            {
                if (_running)
                {
                    return;
                }

                _failures.Clear();
                _failure = null;
                _requestedAt = _time.GetUtcNow();
                _wanted = true;
                _restartAt = null;
            }

            try
            {
                _scheduler.Start();
                Run();
                return;
            }
            catch (SchedulerUnavailableException exception) when (exception.Exit is not null)
            {
                Report(Decide(exception.Exit, exception.Message));
            }
            catch
            {
                lock (_gate)
                {
                    _wanted = false;
                    _reason = "";
                }

                throw;
            }
        }

        Changed?.Invoke();
    }

    /// <summary>Gives scheduling back to the kernel, for good. No effect when not started.</summary>
    public void Stop()
    {
        lock (_operation)
        {
            lock (_gate)
            {
                _wanted = false;
                _running = false;
                _restartAt = null;
                _reason = "";
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            _scheduler.Stop();
        }
    }

    /// <inheritdoc/>
    public SchedulerState ReadState() => Supervised(_scheduler.ReadState());

    /// <inheritdoc/>
    public SchedulerSnapshot Snapshot() => Supervised(_scheduler.Snapshot());

    /// <summary>Stops the scheduler and its supervision.</summary>
    public void Dispose()
    {
        Stop();
        _timer.Dispose();
    }

    private T Supervised<T>(T state)
        where T : SchedulerState
    {
        lock (_gate)
        {
            state = state with { RequestedAt = _requestedAt, Failure = _failure };
            if (state.Attached)
            {
                return state;
            }

            if (_running)
            {
                // The kernel has just ended it. What comes of that is decided in one place.
                Arm(TimeSpan.Zero);
                return state with { RestartAt = _time.GetUtcNow() };
            }

            DateTimeOffset? restartAt = _restartAt is { } due ? _time.GetUtcNow() + (due - Now) : null;
            return state with { RestartAt = restartAt, Reason = _reason.Length > 0 ? _reason : state.Reason };
        }
    }

    private void Tick()
    {
        bool changed;
        lock (_operation)
        {
            changed = Look();
        }

        if (changed)
        {
            Changed?.Invoke();
        }
    }

    /// <summary>Does what is due; true when the scheduler has ended or has been started again.</summary>
    private bool Look()
    {
        bool running;
        lock (_gate)
        {
            if (!_wanted)
            {
                return false;
            }

            running = _running;
            if (!running && _restartAt is { } due && due > Now)
            {
                Arm(due - Now);
                return false;
            }
        }

        if (!running)
        {
            return StartAgain();
        }

        if (_scheduler.KernelExit is not { } exit)
        {
            lock (_gate)
            {
                Arm(_options.PollInterval);
            }

            return false;
        }

        SchedulerEnd end = Decide(exit, "");
        _scheduler.Stop(); // what is left of it: its maps, its thread
        Report(end);
        return true;
    }

    private bool StartAgain()
    {
        SchedulerState before = _scheduler.ReadState();
        if (before.KernelState is "enabled" or "enabling")
        {
            Report(GiveWay(before.OpsName));
            return true;
        }

        try
        {
            _scheduler.Start();
        }
#pragma warning disable CA1031 // A timer has no caller: whatever goes wrong counts as a failure, and is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SchedulerState after = _scheduler.ReadState();
            SchedulerExit? exit = (exception as SchedulerUnavailableException)?.Exit;
            Report(exit is null && after.KernelState is "enabled" or "enabling"
                ? GiveWay(after.OpsName)
                : Decide(exit, exception.Message));
            return true;
        }

        Run();
        _observer?.StartedAgain();
        return true;
    }

    private void Run()
    {
        lock (_gate)
        {
            _running = true;
            _restartAt = null;
            _reason = "";
            Arm(_options.PollInterval);
        }
    }

    // Timers count whole ms and cut the rest off: rounded up, so that they do not fire too early.
    private void Arm(TimeSpan pause) =>
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(pause.TotalMilliseconds))), Timeout.InfiniteTimeSpan);

    private void Report(SchedulerEnd end)
    {
        lock (_gate)
        {
            _ends.AddFirst(end);
            if (_ends.Count > MaxEnds)
            {
                _ends.RemoveLast();
            }
        }

        _observer?.Ended(end);
    }

    /// <summary>Of the clock that nobody sets: pauses and windows do not depend on the date.</summary>
    private TimeSpan Now => _time.GetElapsedTime(_born);

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}
