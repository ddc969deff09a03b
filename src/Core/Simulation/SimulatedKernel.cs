using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

/// <summary>
/// CPUs, tasks, a clock and the scheduler of bpf/ with the same queues, order, lease and notices. For trying policies out,
/// for tests, and for machines larger than one's own. Not thread-safe.
/// </summary>
/// <remarks>
/// The clock moves from event to event. User space is part of the simulation: its dispatch loop (<see cref="SimulatedLoop"/>)
/// takes the time that the options say, and can be paused as SIGSTOP or a garbage collection would. Left out of what bpf/
/// does: our own process's threads, cgroups and what is set for them, CPUs that come and go, cores of several CPUs.
/// </remarks>
public sealed unsafe partial class SimulatedKernel : IDisposable
{
    /// <summary>The clock's start: far enough from 0 that nothing is before it.</summary>
    private const ulong StartNs = 1_000_000_000_000;

    private SimulationOptions _options;
    private readonly Random _random;
    private readonly PriorityQueue<Event, (ulong Time, long Order)> _events = new();
    private readonly SortedDictionary<int, SimulatedTask> _tasks = [];
    private readonly SimulatedCpu[] _cpus;
    private CpuState* _states;
    private readonly ulong[] _idle;
    private int _nextPid = 1000;
    private long _order;

    /// <param name="options">The machine.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value of the options is out of its range.</exception>
    public SimulatedKernel(SimulationOptions options)
    {
        options.Validate();
        _options = options;
        Mode = options.Mode;
        LeaseNs = options.LeaseNs;
        _random = new Random(options.Seed);
        _states = (CpuState*)NativeMemory.AllocZeroed((nuint)options.Cpus, (nuint)sizeof(CpuState));
        _idle = new ulong[(options.Cpus + 63) / 64];
        _cpus = new SimulatedCpu[options.Cpus];
        _llcs = MakeLlcs(options);
        for (int cpu = 0; cpu < options.Cpus; cpu++)
        {
            int llc = Array.FindIndex(_llcs, l => l.Has(cpu));
            _cpus[cpu] = new SimulatedCpu(cpu, _llcs[llc]);
            _states[cpu].Online = 1;
            _states[cpu].Llc = (uint)llc;
            SetIdle(cpu, true);
        }
        Ring = new SimulatedRing(options.NoticeCapacity);
        Port = new SimulatedPort(this);
        At(NowNs + TimerPeriodNs, new Event(EventKind.Timer));
    }

    /// <summary>The present, ns.</summary>
    public ulong NowNs { get; private set; } = StartNs;

    /// <summary>Tasks that have not ended, by pid.</summary>
    public IEnumerable<SimulatedTask> Tasks => _tasks.Values;

    /// <summary>When user space is asked; can be changed at any time.</summary>
    public AskingMode Mode { get; set; }

    /// <summary>The lease, ns; can be changed at any time. In mode strict it is 20 ms whatever this says.</summary>
    public long LeaseNs { get; set; }

    /// <summary>Longest slice, ns, 1 to 100 ms; can be changed at any time.</summary>
    public long SliceNs
    {
        get => _options.SliceNs;
        set
        {
            SimulationOptions wanted = _options with { SliceNs = value };
            wanted.Validate();
            _options = wanted;
        }
    }

    /// <summary>Whether user space is thought to be gone, so that the kernel side runs alone.</summary>
    public bool IsAutonomous { get; private set; }

    /// <summary>What the dispatch loop reads and writes.</summary>
    internal SimulatedPort Port { get; }

    internal SimulatedRing Ring { get; }

    internal SimulationOptions Options => _options;

    internal CpuState* States => _states;

    /// <summary>Called with each new task and its creator, if it has one.</summary>
    internal Action<SimulatedTask, SimulatedTask?>? OnSpawned { get; set; }

    /// <summary>Is told what tasks do; null: nobody.</summary>
    internal ISimulationWatcher? Watcher { get; set; }

    internal uint LlcOf(int cpu) => _states[cpu].Llc;

    internal SimulatedTask? Find(int pid) => _tasks.GetValueOrDefault(pid);

    /// <summary>CPU time up to now, ns.</summary>
    internal ulong UsedNs(SimulatedTask task) =>
        task.UsedNs + (task.State == SimulatedTaskState.Running ? NowNs - _cpus[task.Cpu].MarkNs : 0);

    /// <summary>Counters of all CPUs together, by their names in bpf/wire.h without <c>nr_</c>; <c>parked = moved + taken + gone</c> and those still parked.</summary>
    internal CpuState Totals
    {
        get
        {
            CpuState totals = default;
            // All from the first counter on are 64-bit counters.
            int first = (int)Marshal.OffsetOf<CpuState>(nameof(CpuState.NrIdleLocal)) / sizeof(ulong);
            for (int cpu = 0; cpu < _options.Cpus; cpu++)
            {
                for (int i = first; i < sizeof(CpuState) / sizeof(ulong); i++)
                {
                    ((ulong*)&totals)[i] += ((ulong*)(_states + cpu))[i];
                }
            }
            return totals;
        }
    }

    /// <summary>Makes a task, ready to run now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its nice value or one of its CPUs does not exist, or it has no CPU.</exception>
    public SimulatedTask Spawn(TaskSpec spec) => Spawn(spec, creator: null);

    /// <summary>Directs a task from its next wake-up on, as long as the directive lasts.</summary>
    /// <param name="pid">The task.</param>
    /// <param name="directive">Null: none any more.</param>
    /// <returns>False when there is no such task.</returns>
    public bool Direct(int pid, Directive? directive)
    {
        if (!_tasks.TryGetValue(pid, out SimulatedTask? task))
        {
            return false;
        }
        task.Directive = directive;
        return true;
    }

    /// <summary>Lets time pass.</summary>
    /// <param name="ns">How much, from 0 on.</param>
    public void Advance(long ns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ns);
        ObjectDisposedException.ThrowIf(_states == null, this);
        ulong end = NowNs + (ulong)ns;
        while (_events.TryPeek(out _, out (ulong Time, long Order) due) && due.Time <= end)
        {
            Event e = _events.Dequeue();
            NowNs = due.Time;
            Handle(e);
        }
        NowNs = end;
    }

    /// <summary>Checks that every task is in exactly one place, and in the right one.</summary>
    /// <exception cref="InvalidOperationException">One is not.</exception>
    internal void CheckPlaces()
    {
        foreach (SimulatedTask task in _tasks.Values)
        {
            int running = _cpus.Count(c => c.Current == task);
            bool isRight = task.State switch
            {
                SimulatedTaskState.Running => running == 1 && task.Queue is null,
                SimulatedTaskState.Waiting => running == 0 && task.Queue is not null && (task.Parked == 0 || task.Queue == task.Home!.Park || task.Queue == task.Home.Aged),
                _ => running == 0 && task.Queue is null,
            };
            if (!isRight)
            {
                throw new InvalidOperationException($"Task {task.Pid} is {task.State}, on {running} CPUs and in {task.Queue?.ToString() ?? "no queue"}.");
            }
        }
        // Which set a task is in is looked at when it is queued: a new one holds from its next stint on.
        if (_cpus.Any(c => c.Current is { } current && (!current.MayRunOn(c.Id) || (current.Home!.IsHard && !current.Home.Has(c.Id)))))
        {
            throw new InvalidOperationException("A CPU runs a task that may not run there.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_states);
        _states = null;
        _events.Clear();
        Ring.Dispose();
        Port.Dispose();
    }

    private SimulatedTask Spawn(TaskSpec spec, SimulatedTask? creator)
    {
        ObjectDisposedException.ThrowIf(_states == null, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Nice, -20, nameof(spec));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Nice, 19, nameof(spec));
        if (spec.Cpus is { } cpus && (cpus.Count == 0 || cpus.Any(c => c < 0 || c >= _options.Cpus)))
        {
            throw new ArgumentOutOfRangeException(nameof(spec), $"A task needs at least one CPU, each from 0 to {_options.Cpus - 1}.");
        }
        ArgumentOutOfRangeException.ThrowIfNegative(spec.Pid, nameof(spec));
        spec = spec.CgroupId == 0 ? spec with { CgroupId = creator?.Spec.CgroupId ?? 1 } : spec;
        if (spec.Pid != 0 && _tasks.ContainsKey(spec.Pid))
        {
            throw new ArgumentOutOfRangeException(nameof(spec), $"There is a task {spec.Pid} already.");
        }
        var task = new SimulatedTask(spec.Pid != 0 ? spec.Pid : NextPid(), spec, NowNs) { NiceWeight = NiceWeights.Of(spec.Nice), Vtime = _vtimeNow };
        // As far behind as its creator: one that forks and exits for ever would stop the clock otherwise.
        if (creator is not null && Before(task.Vtime, creator.Vtime))
        {
            task.Vtime = creator.Vtime;
        }
        if (creator is not null && spec.Tgid == creator.Tgid)
        {
            task.Directive = creator.Directive;
        }
        task.Cpu = creator?.Cpu ?? spec.Cpus?[0] ?? task.Pid % _options.Cpus;
        if (!task.MayRunOn(task.Cpu))
        {
            task.Cpu = spec.Cpus![0];
        }
        _tasks.Add(task.Pid, task);
        OnSpawned?.Invoke(task, creator);
        MakeRunnable(task, isWakeUp: false, isSync: false);
        return task;
    }

    private int NextPid()
    {
        while (_tasks.ContainsKey(_nextPid))
        {
            _nextPid++;
        }
        return _nextPid++;
    }

    private void At(ulong time, Event e) => _events.Enqueue(e, (time, _order++));

    private void Handle(Event e)
    {
        switch (e.Kind)
        {
            case EventKind.CpuDue when _cpus[e.Cpu].Version == e.Version:
                OnDue(_cpus[e.Cpu]);
                break;
            case EventKind.Reschedule when _cpus[e.Cpu].Current is null:
                PickNext(_cpus[e.Cpu]);
                break;
            case EventKind.Preempt when _cpus[e.Cpu].Current is not null:
                Mark(_cpus[e.Cpu]);
                EndSlice(_cpus[e.Cpu]);
                break;
            case EventKind.Wake when e.Task!.State == SimulatedTaskState.Sleeping:
                Watcher?.Woken(e.Task, waker: null);
                MakeRunnable(e.Task, isWakeUp: true, isSync: false);
                break;
            case EventKind.Timer:
                OnTimer();
                break;
            case EventKind.Round when e.Version == _roundVersion:
                RunLoop();
                break;
        }
    }

    private void SetIdle(int cpu, bool idle) =>
        _idle[cpu / 64] = idle ? _idle[cpu / 64] | 1UL << cpu % 64 : _idle[cpu / 64] & ~(1UL << cpu % 64);

    private bool IsIdle(int cpu) => (_idle[cpu / 64] >> cpu % 64 & 1) != 0;

    private static bool Before(ulong a, ulong b) => (long)(a - b) < 0;

    private enum EventKind
    {
        CpuDue,
        Reschedule,
        Preempt,
        Wake,
        Timer,
        Round,
    }

    private readonly record struct Event(EventKind Kind, int Cpu = 0, SimulatedTask? Task = null, long Version = 0);
}
