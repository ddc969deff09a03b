namespace Coxswain.Core.Intents.State;

/// <summary>Saves the state on a thread of its own: never more often than each 20 ms, and always the newest. What fails is tried again.</summary>
public sealed class StateWriter : IStateSink, IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastWrite = TimeSpan.FromSeconds(2);

    private readonly Action<SavedState> _write;
    private readonly Action<Exception>? _failed;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private SavedState? _next;
    private long _put;
    private long _saved;
    private bool _ends;
    private volatile string _problem = "";

    /// <summary>Starts the thread.</summary>
    /// <param name="write">Saves one state, or throws.</param>
    /// <param name="failed">Is told of the first failure after a success; may be null.</param>
    public StateWriter(Action<SavedState> write, Action<Exception>? failed = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        (_write, _failed) = (write, failed);
        _thread = new Thread(Run) { Name = "state", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Why the newest state is not saved; empty when it is, or is about to be.</summary>
    public string Problem => _problem;

    /// <inheritdoc/>
    public void Put(SavedState state)
    {
        lock (_gate)
        {
            (_next, _put) = (state, _put + 1);
            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    public bool Flush(TimeSpan limit)
    {
        var until = TimeProvider.System.GetTimestamp();
        lock (_gate)
        {
            var wanted = _put;
            while (_saved < wanted)
            {
                var left = limit - TimeProvider.System.GetElapsedTime(until);
                if (_problem.Length > 0 || left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                {
                    return _saved >= wanted;
                }
            }

            return true;
        }
    }

    /// <summary>Saves what is left, and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ends = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(s_lastWrite);
    }

    private void Run()
    {
        while (Take() is { } taken)
        {
            var pause = Write(taken.State, taken.Number) ? s_pause : s_retry;
            if (!Pause(pause) && _problem.Length > 0)
            {
                return;
            }
        }
    }

    // False as soon as the thread is to end.
    private bool Pause(TimeSpan pause)
    {
        var started = TimeProvider.System.GetTimestamp();
        lock (_gate)
        {
            for (var left = pause; !_ends && left > TimeSpan.Zero; left = pause - TimeProvider.System.GetElapsedTime(started))
            {
                Monitor.Wait(_gate, left);
            }

            return !_ends;
        }
    }

    private (SavedState State, long Number)? Take()
    {
        lock (_gate)
        {
            while (_saved == _put)
            {
                if (_ends)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }

            return (_next!, _put);
        }
    }

    private bool Write(SavedState state, long number)
    {
        Exception? failure = null;
        try
        {
            _write(state);
        }
#pragma warning disable CA1031 // Nobody waits here who could be told: it is reported, and tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        var isNew = failure is not null && _problem.Length == 0;
        lock (_gate)
        {
            _problem = failure?.Message ?? "";
            _saved = failure is null ? number : _saved;
            Monitor.PulseAll(_gate);
        }

        if (isNew)
        {
            _failed?.Invoke(failure!);
        }

        return failure is null;
    }
}
