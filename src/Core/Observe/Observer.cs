using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Observe;

/// <summary>The observer of this machine: off until somebody asks, and off again when nobody has asked for a while.</summary>
public sealed class Observer : IObserver, IDisposable
{
    /// <summary>How long it goes on when nobody asks.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // Looks four times a second whether threads come and go too fast for the table.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Func<IObserverPort> _open;
    private readonly Func<int, string> _cgroupOf;
    private readonly Func<int, string> _nameOf;
    private readonly TimeProvider _time;
    private readonly Func<double> _interrupts;
    private readonly (long DurationNs, double Interrupts)[] _seconds = new (long, double)[ObservationHistory.Seconds + 1];
    private readonly ITimer _timer;
    private IObserverPort? _port;
    private ObservationHistory? _history;
    private long _secondBegan;
    private long _asked;
    private long _rollUpNs;
    private long _rollingUpNs;

    /// <summary>Creates the observer of the running kernel; it is off.</summary>
    /// <param name="tasks">Where names and cgroups of threads are looked up.</param>
    /// <param name="time">Clock.</param>
    public Observer(ITaskSource tasks, TimeProvider time)
        : this(static () => new BpfObserverPort(), tasks, time)
    {
    }

    /// <param name="open">Opens the kernel side.</param>
    /// <param name="tasks">Where names and cgroups of threads are looked up.</param>
    /// <param name="time">Clock.</param>
    /// <param name="interrupts">Tells the share of the CPUs' time that interrupts took since its last call; null: this machine's.</param>
    internal Observer(Func<IObserverPort> open, ITaskSource tasks, TimeProvider time, Func<double>? interrupts = null)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(time);
        _open = open;
        _interrupts = interrupts ?? new InterruptShare().Take;
        _cgroupOf = tid => tasks.Find(tid) is { } task ? tasks.ReadCgroup(task) : "";
        _nameOf = pid => tasks.Find(pid)?.Command ?? "";
        _time = time;
        _timer = time.CreateTimer(static self => ((Observer)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ObserverState State
    {
        get
        {
            lock (_gate)
            {
                return _history is { } history && _port is not null
                    ? new ObserverState(true, history.Last, history.TasksFrom, history.PairsFrom, history.BoundTasks, history.Losses, _rollUpNs)
                    : new ObserverState(false, 0, 0, 0, 0, default, 0);
            }
        }
    }

    /// <inheritdoc/>
    public void Start()
    {
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            if (_port is not null)
            {
                return;
            }

            var port = _open();
            try
            {
                port.Start();
            }
            catch
            {
                port.Dispose();
                throw;
            }

            _port = port;
            _history = new ObservationHistory(_cgroupOf, _nameOf);
            _interrupts();
            _secondBegan = _time.GetTimestamp();
            _timer.Change(s_look, s_look);
        }
    }

    /// <inheritdoc/>
    public Observation Observe(int seconds, ObservationScope scope)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 1);
        lock (_gate)
        {
            var last = _history?.Last ?? 0;
            return Observe(last >= seconds ? last - (uint)seconds + 1 : 1, last, scope);
        }
    }

    /// <inheritdoc/>
    public Observation Observe(uint first, uint last, ObservationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            if (_history is not { } history)
            {
                return new Observation(1, 0, [], [], 0);
            }

            var to = Math.Min(last, history.Last);
            var from = Math.Max(first, to > ObservationHistory.Seconds ? to - ObservationHistory.Seconds + 1 : 1);
            var byThreads = from >= history.TasksFrom || scope.IncludesCgroup is null;
            from = byThreads ? Math.Max(from, history.TasksFrom) : from;
            var seconds = new List<ObservedSecond>();
            for (var second = from; second <= to; second++)
            {
                seconds.Add(new ObservedSecond(second, _seconds[second % _seconds.Length].DurationNs, new ObservedMetrics()));
            }

            var tasks = new HashSet<ObservedTask>();
            if (byThreads)
            {
                history.VisitTasks(from, to, scope.Includes, (second, task, cell) =>
                {
                    tasks.Add(task);
                    Cells.AddTo(seconds[(int)(second - from)].Metrics, cell);
                });
            }
            else
            {
                history.VisitCgroups(from, to, scope.IncludesCgroup!, (second, cell) => Cells.AddTo(seconds[(int)(second - from)].Metrics, cell));
            }

            var interrupts = seconds.Select(second => _seconds[second.Number % _seconds.Length].Interrupts).DefaultIfEmpty(0).Average();
            return new Observation(from, to, seconds, tasks, interrupts);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ObservedPair> Delays(uint first, uint last, ObservationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var pairs = new PairSums();
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            _history?.VisitDelays(first, last, scope.Includes, pairs.Add);
        }

        return [.. pairs.All.OrderByDescending(pair => pair.Ns)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ObservedPair> Wakes(uint first, uint last)
    {
        var pairs = new PairSums();
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            _history?.VisitWakes(first, last, pairs.Add);
        }

        return [.. pairs.All.OrderByDescending(pair => pair.Count)];
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, ObservedMetrics> ObserveCgroups(uint first, uint last)
    {
        var sums = new Dictionary<string, ObservedMetrics>(StringComparer.Ordinal);
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            _history?.VisitEachCgroup(first, Math.Min(last, _history.Last), (path, cell) =>
            {
                if (!sums.TryGetValue(path, out var sum))
                {
                    sums[path] = sum = new ObservedMetrics();
                }

                Cells.AddTo(sum, cell);
            });
        }

        return sums;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<ObservedTask, ObservedMetrics> ObserveTasks(uint first, uint last, int most)
    {
        var found = new Dictionary<ObservedTask, ObservedMetrics>();
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            if (_history is not { } history)
            {
                return found;
            }

            // Buckets are large: they are summed up for those only that are told of.
            var times = new Dictionary<ObservedTask, (ulong WaitNs, ulong RunNs)>();
            history.VisitTasks(first, last, static _ => true, (_, task, cell) =>
            {
                var (wait, run) = Cells.Times(cell);
                var before = times.GetValueOrDefault(task);
                times[task] = (before.WaitNs + wait, before.RunNs + run);
            });
            foreach (var (task, _) in times.OrderByDescending(time => time.Value.WaitNs).Take(most / 2)
                .Concat(times.OrderByDescending(time => time.Value.RunNs).Take(most / 2)))
            {
                found.TryAdd(task, new ObservedMetrics());
            }

            history.VisitTasks(first, last, found.ContainsKey, (_, task, cell) => Cells.AddTo(found[task], cell));
        }

        return found;
    }

    /// <summary>Ends observing; nothing of it stays in the kernel.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Stop();
            _timer.Dispose();
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_port is not { } port || _history is not { } history)
            {
                return;
            }

            var now = _time.GetTimestamp();
            if (_time.GetElapsedTime(_asked, now) > IdleLimit)
            {
                Stop();
                return;
            }

            var duration = _time.GetElapsedTime(_secondBegan, now);
            if (duration < s_second && !port.IsPressed)
            {
                return;
            }

            var began = ThreadClock.NowNs;
            port.Collect(history);
            if (duration >= s_second)
            {
                _seconds[history.Current % _seconds.Length] = ((long)duration.TotalNanoseconds, _interrupts());
                _secondBegan = now;
                history.EndSecond();
                _rollUpNs = _rollingUpNs + ThreadClock.NowNs - began;
                _rollingUpNs = 0;
            }
            else
            {
                _rollingUpNs += ThreadClock.NowNs - began;
            }
        }
    }

    private void Stop()
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _port?.Dispose();
        _port = null;
        _history = null;
    }

    private sealed class PairSums
    {
        private readonly Dictionary<(ObservedTask, ObservedTask), (long Ns, long Count)> _sums = [];

        public IEnumerable<ObservedPair> All => _sums.Select(pair => new ObservedPair(pair.Key.Item1, pair.Key.Item2, pair.Value.Ns, pair.Value.Count));

        public void Add(ObservedTask from, ObservedTask to, ulong ns, ulong count)
        {
            var (oldNs, oldCount) = _sums.GetValueOrDefault((from, to));
            _sums[(from, to)] = (oldNs + (long)ns, oldCount + (long)count);
        }
    }
}
