using System.Text;
using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Observe;

/// <summary>Ten minutes of what threads did, second by second, in a bounded piece of memory. One thread at a time.</summary>
/// <remarks>
/// Single threads are remembered as long as there is room, cgroups for the whole time: <see cref="TasksFrom"/> says from when on.
/// </remarks>
internal sealed class ObservationHistory : IObservationSink
{
    /// <summary>How far back it goes, seconds.</summary>
    public const int Seconds = 600;

    private const long NsPerTick = 10_000_000; // of /proc/TID/stat
    private const int MaxEndedTasks = 50_000;
    private const int FirstSlots = 4096;

    private readonly CellLog _tasks = new(4 * 1024 * 1024);
    private readonly CellLog _cgroups = new(2 * 1024 * 1024);
    private readonly CellLog _delays = new(1024 * 1024);
    private readonly CellLog _wakes = new(1024 * 1024);
    private readonly Dictionary<int, ObservedTask> _byId = new()
    {
        [ObservedTask.InterruptId] = ObservedTask.Interrupt,
        [ObservedTask.UnknownId] = ObservedTask.Unknown,
    };
    private readonly Dictionary<int, ObservedTask> _living = [];
    private readonly Dictionary<ulong, ObservedMetrics> _cgroupSums = [];
    private readonly Dictionary<ulong, string> _cgroupPaths = [];
    private readonly HashSet<ulong> _newCgroups = [];
    private readonly byte[] _cell = new byte[Cells.MostBytes];
    private readonly Func<int, string> _cgroupOf;
    private readonly Func<int, string> _nameOf;
    private ObservedTask?[] _bySlot = new ObservedTask?[FirstSlots];
    private int[] _idBySlot = new int[FirstSlots]; // pairs are many, and need no more
    private int _nextId = ObservedTask.FirstId;

    /// <param name="cgroupOf">Reads the cgroup of a thread; empty when it is gone.</param>
    /// <param name="nameOf">Reads the name of a process; empty when it is gone.</param>
    public ObservationHistory(Func<int, string> cgroupOf, Func<int, string> nameOf) => (_cgroupOf, _nameOf) = (cgroupOf, nameOf);

    /// <summary>The last second that is complete; 0 when there is none.</summary>
    public uint Last { get; private set; }

    /// <summary>The second from which on single threads are known.</summary>
    public uint TasksFrom => _tasks.CompleteFrom;

    /// <summary>The second from which on delays and wake-ups are known.</summary>
    public uint PairsFrom => Math.Max(_delays.CompleteFrom, _wakes.CompleteFrom);

    /// <summary>The second being filled.</summary>
    public uint Current { get; private set; } = 1;

    /// <summary>What could not be counted, since the start.</summary>
    public ObserverLosses Losses { get; private set; }

    /// <summary>Threads that are known, the ended ones included.</summary>
    public int KnownTasks => _byId.Count - ObservedTask.FirstId + 1;

    /// <summary>Threads that have a slot.</summary>
    public int BoundTasks { get; private set; }

    public void Bind(int slot, int tid, int processId, ulong startTimeNs, bool kernelThread)
    {
        var task = new ObservedTask(_nextId++, new TaskKey(tid, (long)startTimeNs / NsPerTick), processId) { IsKernelThread = kernelThread, LastSecond = Current };
        if (slot >= _bySlot.Length)
        {
            var length = Math.Max(slot + 1, _bySlot.Length * 2);
            Array.Resize(ref _bySlot, length);
            Array.Resize(ref _idBySlot, length);
        }

        BoundTasks += _bySlot[slot] is null ? 1 : 0;
        _idBySlot[slot] = task.Id;
        _byId[task.Id] = _bySlot[slot] = _living[tid] = task;
    }

    public void Describe(int slot, ReadOnlySpan<byte> name, ulong cgroupId)
    {
        var task = Bound(slot);
        // Most names stay: no new text for these.
        if (!IsNamed(task, name))
        {
            task.Command = CommandText.Clean(name);
        }

        if (task.CgroupId != cgroupId)
        {
            task.CgroupId = cgroupId;
            task.Cgroup = "";
            if (!_cgroupPaths.TryGetValue(cgroupId, out var path))
            {
                path = _newCgroups.Count < MaxCgroupReads && _newCgroups.Add(cgroupId) ? _cgroupOf(task.Key.Tid) : "";
                if (path.Length > 0)
                {
                    _cgroupPaths[cgroupId] = path;
                    _newCgroups.Remove(cgroupId);
                }
            }

            task.Cgroup = path;
        }
    }

    public void Add(int slot, ObservedMetrics metrics)
    {
        var task = Bound(slot);
        task.LastSecond = Current;
        _tasks.Append(Current, _cell.AsSpan(0, Cells.Write(_cell, (ulong)task.Id, metrics)));
        if (!_cgroupSums.TryGetValue(task.CgroupId, out var sum))
        {
            _cgroupSums[task.CgroupId] = sum = new ObservedMetrics();
        }

        sum.Add(metrics);
    }

    public void AddDelay(uint fromSlot, uint toSlot, ulong ns, ulong count) => AddPair(_delays, fromSlot, toSlot, ns, count);

    public void AddWake(uint fromSlot, uint toSlot, ulong waitNs, ulong count) => AddPair(_wakes, fromSlot, toSlot, waitNs, count);

    public void Release(int slot)
    {
        if (slot < _bySlot.Length && _bySlot[slot] is { } task)
        {
            _bySlot[slot] = null;
            _idBySlot[slot] = 0;
            BoundTasks--;
            task.HasEnded = true;
            task.LastSecond = Current;
            if (_living.GetValueOrDefault(task.Key.Tid) == task)
            {
                _living.Remove(task.Key.Tid);
            }
        }
    }

    public void SetLosses(ObserverLosses losses) => Losses = losses;

    /// <summary>Ends the second that is being filled.</summary>
    public void EndSecond()
    {
        foreach (var (cgroup, sum) in _cgroupSums)
        {
            if (sum.Stints + sum.Waits + sum.Wakeups + sum.UnfinishedWaitNs > 0)
            {
                _cgroups.Append(Current, _cell.AsSpan(0, Cells.Write(_cell, cgroup, sum)));
            }

            sum.Clear();
        }

        _newCgroups.Clear();
        Last = Current++;
        if (Last > Seconds)
        {
            foreach (var log in new[] { _tasks, _cgroups, _delays, _wakes })
            {
                log.DropBefore(Last - Seconds + 1);
            }
        }

        if (Last % 30 == 0 || _byId.Count > BoundTasks + MaxEndedTasks)
        {
            Forget();
        }
    }

    /// <summary>What chosen threads did in a span of seconds, both included.</summary>
    /// <param name="from">First second.</param>
    /// <param name="to">Last second.</param>
    /// <param name="chosen">Chooses threads.</param>
    /// <param name="add">Takes each entry with its second and thread; <paramref name="chosen"/> is asked once for each thread.</param>
    public void VisitTasks(uint from, uint to, Func<ObservedTask, bool> chosen, Action<uint, ObservedTask, ReadOnlySpan<byte>> add)
    {
        var choice = new Dictionary<int, bool>();
        _tasks.Visit(from, to, (second, cell) =>
        {
            var task = Find((int)Cells.Owner(cell));
            if (Chosen(choice, task, chosen))
            {
                add(second, task, cell);
            }
        });
    }

    /// <summary>What whole cgroups did.</summary>
    /// <param name="from">First second.</param>
    /// <param name="to">Last second.</param>
    /// <param name="chosen">Chooses cgroups by path; empty for those whose path is not known.</param>
    /// <param name="add">Takes each entry with its second.</param>
    public void VisitCgroups(uint from, uint to, Func<string, bool> chosen, Action<uint, ReadOnlySpan<byte>> add) =>
        _cgroups.Visit(from, to, (second, cell) =>
        {
            if (chosen(_cgroupPaths.GetValueOrDefault(Cells.Owner(cell), "")))
            {
                add(second, cell);
            }
        });

    /// <summary>What all cgroups did, with the path of each; empty for those whose path is not known.</summary>
    public void VisitEachCgroup(uint from, uint to, Action<string, ReadOnlySpan<byte>> add) =>
        _cgroups.Visit(from, to, (_, cell) => add(_cgroupPaths.GetValueOrDefault(Cells.Owner(cell), ""), cell));

    /// <summary>Who delayed chosen threads.</summary>
    public void VisitDelays(uint from, uint to, Func<ObservedTask, bool> delayed, Action<ObservedTask, ObservedTask, ulong, ulong> add)
    {
        var choice = new Dictionary<int, bool>();
        _delays.Visit(from, to, (_, cell) =>
        {
            var pair = Cells.ReadPair(cell);
            var task = Find(pair.To);
            if (Chosen(choice, task, delayed))
            {
                add(Described(Find(pair.From)), task, pair.Ns, pair.Count);
            }
        });
    }

    /// <summary>All wake-ups.</summary>
    public void VisitWakes(uint from, uint to, Action<ObservedTask, ObservedTask, ulong, ulong> add) =>
        _wakes.Visit(from, to, (_, cell) =>
        {
            var pair = Cells.ReadPair(cell);
            add(Described(Find(pair.From)), Described(Find(pair.To)), pair.Ns, pair.Count);
        });

    private const int MaxCgroupReads = 64;

    private static bool IsNamed(ObservedTask task, ReadOnlySpan<byte> name)
    {
        if (Ascii.Equals(name, task.Command))
        {
            return name.Length > 0;
        }

        Span<char> text = stackalloc char[64];
        return task.Command.Length > 0 && !Ascii.IsValid(name) && Encoding.UTF8.TryGetChars(name, text, out var length) && text[..length].SequenceEqual(task.Command);
    }

    private bool Chosen(Dictionary<int, bool> choice, ObservedTask task, Func<ObservedTask, bool> chosen)
    {
        if (!choice.TryGetValue(task.Id, out var result))
        {
            choice[task.Id] = result = chosen(Described(task));
        }

        return result;
    }

    // Names of processes and late paths are looked up for those who are asked about, not for all.
    private ObservedTask Described(ObservedTask task)
    {
        if (task.Cgroup.Length == 0 && task.CgroupId != 0)
        {
            if (!_cgroupPaths.TryGetValue(task.CgroupId, out var path) && !task.HasEnded && (path = _cgroupOf(task.Key.Tid)).Length > 0)
            {
                _cgroupPaths[task.CgroupId] = path;
            }

            task.Cgroup = path ?? "";
        }

        if (!task.IsDescribed && task.Key.Tid != task.ProcessId)
        {
            task.IsDescribed = true;
            task.LeaderCommand = _living.GetValueOrDefault(task.ProcessId)?.Command is { Length: > 0 } known ? known : _nameOf(task.ProcessId);
        }

        return task;
    }

    private ObservedTask Find(int id) => _byId.GetValueOrDefault(id, ObservedTask.Unknown);

    private int IdOf(uint slot) => slot == Wire.PairRecord.Irq ? ObservedTask.InterruptId
        : slot < _idBySlot.Length && _idBySlot[slot] is > 0 and var id ? id : ObservedTask.UnknownId;

    private ObservedTask Bound(int slot) => _bySlot[slot] ?? throw new InvalidOperationException($"slot {slot} is nobody's");

    private void AddPair(CellLog log, uint fromSlot, uint toSlot, ulong ns, ulong count) =>
        log.Append(Current, _cell.AsSpan(0, Cells.Write(_cell, IdOf(fromSlot), IdOf(toSlot), ns, count)));

    private void Forget()
    {
        var oldest = Last > Seconds ? Last - Seconds : 0;
        var ended = _byId.Values.Where(task => task.HasEnded).ToList();
        var surplus = ended.Count - MaxEndedTasks;
        foreach (var task in ended.OrderBy(task => task.LastSecond).TakeWhile((task, i) => i < surplus || task.LastSecond <= oldest))
        {
            _byId.Remove(task.Id);
        }

        var used = new HashSet<ulong>();
        foreach (var task in _bySlot)
        {
            if (task is not null)
            {
                used.Add(task.CgroupId);
            }
        }

        foreach (var cgroup in _cgroupSums.Keys.Where(cgroup => !used.Contains(cgroup)).ToList())
        {
            _cgroupSums.Remove(cgroup);
        }

        // Paths are small, and needed as long as the cgroup's seconds are remembered.
        if (_cgroupPaths.Count > MaxEndedTasks)
        {
            foreach (var cgroup in _cgroupPaths.Keys.Where(cgroup => !used.Contains(cgroup)).ToList())
            {
                _cgroupPaths.Remove(cgroup);
            }
        }
    }
}
