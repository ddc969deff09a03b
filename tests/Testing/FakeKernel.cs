using System.Collections.Concurrent;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Testing;

/// <summary>A scheduler whose directives are in memory: kept per living thread, copied to the threads that it creates.</summary>
internal sealed class FakeKernel : IStartableScheduler, ISchedulerSettings, IDirectiveStore, ICgroupDirectiveStore, ICpuSetStore
{
    /// <summary>Where cgroups are mounted.</summary>
    public const string CgroupRoot = "/sys/fs/cgroup";

    // As the kernel's maps: whoever reads does not disturb who writes.
    private readonly ConcurrentDictionary<TaskKey, Directive> _directives = [];
    private readonly ConcurrentDictionary<string, Directive> _cgroupDirectives = [];
    private readonly FakeMachine _machine;
    private readonly TimeProvider _time;
    private ulong _generation;
    private DateTimeOffset? _attachedSince;
    private string _reason = "";
    private SchedulerExit? _exit;
    private AskingMode _mode = AskingMode.Assist;
    private string _policy = "vtime";
    private long _leaseNs = 2_000_000;
    private long _sliceNs = 20_000_000;

    public FakeKernel(FakeMachine machine, TimeProvider time)
    {
        _machine = machine;
        _time = time;
        _attachedSince = time.GetUtcNow();
        machine.ThreadCreated += Inherit;
    }

    /// <summary>What the classes used, by name.</summary>
    public Dictionary<string, ClassUse> Classes { get; } = [];

    public int Writes { get; private set; }

    public int Removals { get; private set; }

    public int Publications { get; private set; }

    /// <summary>Runs before each write, to change things under the writer's feet.</summary>
    public Action<TaskKey>? BeforeWrite { get; set; }

    /// <summary>Makes the kernel forget each write, as if it had never arrived.</summary>
    public bool LosesWrites { get; set; }

    public IDirectiveStore Directives => _attachedSince is null ? throw new SchedulerUnavailableException(_reason) : this;

    public ICpuSetStore CpuSets => _attachedSince is null ? throw new SchedulerUnavailableException(_reason) : this;

    /// <summary>The CPU sets that somebody wants, by number.</summary>
    public ConcurrentDictionary<int, (string Cpus, int Uses)> DefinedSets { get; } = [];

    public ICgroupDirectiveStore CgroupDirectives => _attachedSince is null ? throw new SchedulerUnavailableException(_reason) : this;

    /// <summary>Everything that the kernel holds for cgroups that exist, without the root.</summary>
    public IReadOnlyDictionary<string, Directive> HeldByCgroups =>
        _cgroupDirectives.Where(pair => _machine.HasCgroup(pair.Key)).ToDictionary();

    /// <summary>Everything that the kernel holds for living threads.</summary>
    public IReadOnlyDictionary<TaskKey, Directive> Held =>
        _directives.Where(pair => _machine.IsAlive(pair.Key)).ToDictionary();

    public Directive? Of(int tid) => _directives.TryGetValue(_machine.Key(tid), out var directive) ? directive : null;

    /// <summary>Name of another scheduler that is attached; empty when none is.</summary>
    public string OtherScheduler { get; set; } = "";

    /// <summary>What the next starts throw, in order; null for one that succeeds. Later ones succeed.</summary>
    public Queue<Exception?> NextStarts { get; } = [];

    public int Starts { get; private set; }

    public int Stops { get; private set; }

    public SchedulerExit? KernelExit => _exit;

    /// <summary>Ends the scheduler as the kernel does.</summary>
    public void Eject(string reason, int kind = 1026, long code = 0, string dump = "")
    {
        _attachedSince = null;
        _reason = reason;
        _exit = new SchedulerExit(kind, code, reason, "", dump);
        _directives.Clear();
        _cgroupDirectives.Clear();
        DefinedSets.Clear();
    }

    public void AttachAgain()
    {
        _directives.Clear();
        _cgroupDirectives.Clear();
        DefinedSets.Clear();
        _attachedSince = _time.GetUtcNow();
        _reason = "";
        _exit = null;
    }

    public void Start()
    {
        Starts++;
        if (NextStarts.TryDequeue(out var failure) && failure is not null)
        {
            throw failure;
        }

        AttachAgain();
    }

    public void Stop()
    {
        Stops++;
        _attachedSince = null;
        _reason = "The scheduler was stopped.";
        _exit = null;
        _directives.Clear();
        _cgroupDirectives.Clear();
        DefinedSets.Clear();
    }

    public SchedulerState ReadState() => Snapshot();

    public SchedulerSnapshot Snapshot() => new()
    {
        Attached = _attachedSince is not null,
        KernelState = _attachedSince is null && OtherScheduler.Length == 0 ? "disabled" : "enabled",
        OpsName = _attachedSince is null ? OtherScheduler : "coxswain",
        Reason = _reason,
        Mode = _attachedSince is null ? "" : _mode.ToString().ToLowerInvariant(),
        Policy = _policy,
        LeaseNs = _leaseNs,
        SliceNs = _sliceNs,
        AttachedSince = _attachedSince,
        KernelRelease = "6.18.44-test",
        Cpus = 4,
        Classes = Classes,
        Counters = new Dictionary<string, long> { ["parked"] = 12, ["moved"] = 9, ["taken"] = 3, ["gone"] = 0 },
        LastExit = _exit,
    };

    public void SetMode(AskingMode mode) => _mode = mode;

    public void SetLease(long leaseNs) => _leaseNs = leaseNs;

    public void SetSlice(long sliceNs) => _sliceNs = sliceNs;

    public void SetPolicy(string policy) => _policy = policy;

    public bool TryWrite(TaskKey task, in Directive directive)
    {
        BeforeWrite?.Invoke(task);
        if (_attachedSince is null)
        {
            throw new SchedulerUnavailableException(_reason);
        }

        if (!_machine.IsAlive(task))
        {
            return false;
        }

        Writes++;
        if (!LosesWrites)
        {
            _directives[task] = directive with { Generation = ++_generation };
        }

        return true;
    }

    public bool TryRead(TaskKey task, out Directive directive)
    {
        directive = default;
        return _machine.IsAlive(task) && _directives.TryGetValue(task, out directive);
    }

    public bool TryRemove(TaskKey task)
    {
        Removals++;
        return _directives.TryRemove(task, out _) && _machine.IsAlive(task);
    }

    public void Publish() => Publications++;

    public int Define(IReadOnlyCollection<int> cpus, bool hard)
    {
        var key = $"{(hard ? "hard" : "soft")} {string.Join(',', cpus)}";
        var number = DefinedSets.FirstOrDefault(set => set.Value.Cpus == key).Key;
        number = number > 0 ? number : Enumerable.Range(1, ICpuSetStore.Max).First(free => !DefinedSets.ContainsKey(free));
        DefinedSets[number] = (key, DefinedSets.GetValueOrDefault(number).Uses + 1);
        return number;
    }

    public void Release(int cpuSet)
    {
        var (cpus, uses) = DefinedSets[cpuSet];
        if (uses > 1)
        {
            DefinedSets[cpuSet] = (cpus, uses - 1);
        }
        else
        {
            DefinedSets.TryRemove(cpuSet, out _);
        }
    }

    public IReadOnlyList<int> Read(int cpuSet) => [.. DefinedSets[cpuSet].Cpus.Split(' ')[1].Split(',').Select(int.Parse)];

    public bool TryWriteCgroup(string path, in Directive directive)
    {
        if (!_machine.HasCgroup(Below(path)))
        {
            return false;
        }

        Writes++;
        _cgroupDirectives[Below(path)] = directive with { Generation = ++_generation };
        return true;
    }

    public bool TryReadCgroup(string path, out Directive directive)
    {
        directive = default;
        return _machine.HasCgroup(Below(path)) && _cgroupDirectives.TryGetValue(Below(path), out directive);
    }

    public bool TryRemoveCgroup(string path) => _cgroupDirectives.TryRemove(Below(path), out _) && _machine.HasCgroup(Below(path));

    /// <summary>A cgroup that is deleted takes its directive along, also when one of the same name is made later.</summary>
    public void DeleteCgroup(string path) => _cgroupDirectives.TryRemove(path, out _);

    private static string Below(string path) => path.StartsWith(CgroupRoot, StringComparison.Ordinal) ? path[CgroupRoot.Length..] : throw new ArgumentException(path);

    private void Inherit(TaskKey creator, TaskKey created)
    {
        if (_directives.TryGetValue(creator, out var directive))
        {
            _directives[created] = directive;
        }
    }
}
