using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Guards;

/// <summary>Looks after active changes, and takes back what harms: the guards that changes have of their own, and the daemon's own.</summary>
/// <remarks>
/// Works on a timer, four times a second while there is something to compare, and on what the observer has counted in each second.
/// Nothing runs while no change is active, unless the options say so. Thread-safe.
/// </remarks>
public sealed partial class GuardService : IDisposable
{
    // Often enough to act soon after a second of the observer is complete.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    // So often the observer is told that it is still needed.
    private static readonly TimeSpan s_keep = TimeSpan.FromSeconds(30);

    // The kernel that refuses it will refuse it again.
    private static readonly TimeSpan s_retry = TimeSpan.FromMinutes(5);

    // Long enough to be noted by timers, which count whole ms.
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);

    private readonly IntentService _intents;
    private readonly IObserver _observer;
    private readonly PodRegistry _pods;
    private readonly TimeProvider _time;
    private readonly GuardOptions _options;
    private readonly Action<Exception> _failed;
    private readonly BystanderRule _rule;
    private readonly ITimer _timer;

    // Held while it looks. What others ask for is published, so that nobody waits for that.
    private readonly Lock _looking = new();
    private readonly Dictionary<uint, Watch> _watches = [];
    private (uint From, uint To)? _lastBefore;
    private uint _judged;
    private uint _steadyFrom;
    private uint _settledFrom;
    private long _refusedAt;
    private bool _refused;
    private int _expecting;
    private volatile bool _disposed;
    private volatile bool _woken;
    private volatile GuardStatus _status;

    /// <summary>Creates it; it wakes up when a change becomes active.</summary>
    /// <param name="intents">The changes.</param>
    /// <param name="observer">Measures.</param>
    /// <param name="pods">Knows the pods.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="options">When the daemon's own guard acts.</param>
    /// <param name="failed">Is told what went wrong while it looked; it goes on all the same.</param>
    public GuardService(
        IntentService intents, IObserver observer, PodRegistry pods, TimeProvider time, GuardOptions options, Action<Exception>? failed = null)
    {
        ArgumentNullException.ThrowIfNull(intents);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        _intents = intents;
        _observer = observer;
        _pods = pods;
        _time = time;
        _options = options;
        _failed = failed ?? (static _ => { });
        _rule = new BystanderRule(options);
        _status = new GuardStatus(options.Enabled, "", new Dictionary<uint, WatchState>());
        _timer = time.CreateTimer(static self => ((GuardService)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _intents.ActiveChanged += WakeUp;
    }

    /// <summary>How the guards are.</summary>
    public GuardStatus Status => _status;

    /// <summary>Begins; until then only changes that become active wake it up.</summary>
    public void Start() => WakeUp();

    /// <summary>Says that a client is at work, which may lead to a change: what is before it must have been measured. Returns at once.</summary>
    public void ExpectChange()
    {
        if (_options is { Enabled: true, Observing: GuardObserving.Clients } && !_disposed && !_observer.State.Running &&
            Interlocked.Exchange(ref _expecting, 1) == 0)
        {
            _ = Task.Run(() =>
            {
                lock (_looking)
                {
                    Observe();
                }

                Volatile.Write(ref _expecting, 0);
                WakeUp();
            });
        }
    }

    /// <summary>Ends it; what changes are active stay so.</summary>
    public void Dispose()
    {
        _disposed = true;
        _intents.ActiveChanged -= WakeUp;
        _timer.Dispose();
    }

    private void WakeUp()
    {
        if (!_disposed)
        {
            _woken = true;
            _timer.Change(s_soon, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tick()
    {
        if (!_looking.TryEnter())
        {
            return; // whoever looks sets the timer, or wakes it up
        }

        var next = s_look;
        try
        {
            next = Look();
        }
#pragma warning disable CA1031 // A timer has no caller: whatever goes wrong is reported and tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failed(exception);
        }
        finally
        {
            _looking.Exit();
            if (!_disposed)
            {
                _timer.Change(_woken ? s_soon : next, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <returns>When to look next.</returns>
    private TimeSpan Look()
    {
        _woken = false;
        var changes = _intents.ReadGuarded();
        var needed = _options.Observing == GuardObserving.Always || changes.Changes.Count > 0;
        var wanted = needed && (_options.Enabled || changes.Changes.Any(change => change.Guard is not null));
        if (!wanted || !Observe())
        {
            _watches.Clear();
            Publish(changes);
            return !needed ? Timeout.InfiniteTimeSpan : s_keep;
        }

        var last = _observer.State.LastSecond;
        if (last < _judged)
        {
            Forget(); // it was off meanwhile, and counts anew
        }

        Adopt(changes, last);
        if (last != _judged && _watches.Count > 0)
        {
            _judged = last;
            if (JudgeConditions(changes, last) || JudgeBystanders(changes, last))
            {
                changes = _intents.ReadGuarded();
                Adopt(changes, last);
            }
        }

        Publish(changes);
        return _watches.Values.Any(watch => watch.Guard is not null || IsCompared(watch)) ? s_look : s_keep;
    }

    private bool Observe()
    {
        if (_refused && _time.GetElapsedTime(_refusedAt) < s_retry)
        {
            return false;
        }

        try
        {
            _observer.Start();
            _refused = false;
            _status = _status with { Problem = "" };
            return true;
        }
        catch (ObserverUnavailableException exception)
        {
            (_refused, _refusedAt) = (true, _time.GetTimestamp());
            _status = _status with { Problem = exception.Message };
            return false;
        }
    }

    private void Forget()
    {
        _watches.Clear();
        _lastBefore = null;
        _judged = _steadyFrom = _settledFrom = 0;
    }

    // What begins with the next second lies after whatever has happened until now.
    private void Adopt(GuardedChanges changes, uint last)
    {
        var active = changes.Changes.Select(change => change.Number).ToHashSet();
        var gone = _watches.Keys.Where(number => !active.Contains(number)).ToList();
        gone.ForEach(number => _watches.Remove(number));
        foreach (var change in changes.Changes.Reverse())
        {
            if (!_watches.TryGetValue(change.Number, out var watch))
            {
                watch = new Watch(change.Number, last + 2) { Before = _options.Enabled && change.SeenUntil <= last ? Before(change) : null };
                _watches.Add(change.Number, watch);
                _steadyFrom = last + 2;
            }

            watch.Guard = change.Guard;
        }

        if (gone.Count > 0)
        {
            _steadyFrom = last + 2;
        }

        foreach (var watch in _watches.Values.Where(watch => last >= watch.JudgeFrom + (uint)_options.WatchSeconds))
        {
            watch.HasPassed = true;
        }
    }

    // Since another change came or went things are different. Where that is only just so, what was before that one counts.
    private (uint From, uint To)? Before(GuardedChange change)
    {
        if (change.SeenUntil == 0)
        {
            return null;
        }

        var from = Math.Max(_steadyFrom, change.SeenUntil > BystanderRule.MostSeconds ? change.SeenUntil - BystanderRule.MostSeconds + 1 : 1);
        if (from + BystanderRule.LeastBefore - 1 <= change.SeenUntil)
        {
            _lastBefore = (from, change.SeenUntil);
            return _lastBefore;
        }

        return _lastBefore is { } before && before.To <= change.SeenUntil && change.SeenUntil - before.To <= _options.WatchSeconds ? before : null;
    }

    private static bool IsCompared(Watch watch) => watch is { Before: not null, HasPassed: false };

    private void Publish(GuardedChanges changes) => _status = _status with
    {
        Watches = changes.Changes.ToDictionary(
            change => change.Number,
            change => !_options.Enabled || !_watches.TryGetValue(change.Number, out var watch) ? WatchState.Off
                : watch.Before is null ? WatchState.NothingBefore
                : watch.HasPassed ? WatchState.Passed : WatchState.Watching),
    };
}
