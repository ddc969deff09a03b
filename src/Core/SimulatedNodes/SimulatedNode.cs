using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Simulation;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>A machine that does not exist, as the rest of the program sees one: processes and cgroups on a simulated kernel. Thread-safe.</summary>
/// <remarks>
/// Its time follows a clock: whoever looks at it lets it run up to the present first. With a clock that a test sets, the same
/// steps give the same answers. After a time in which nobody looked, all but the last half second is left out, as if the
/// machine had been suspended: nobody has seen it, and working it off would keep the caller waiting.
/// </remarks>
public sealed class SimulatedNode : ITaskSource, IDisposable
{
    private const ulong LongestRunNs = 500_000_000;
    private const ulong NsPerTick = 10_000_000;

    private readonly TimeProvider _time;
    private readonly List<string> _cgroups = ["/"];
    private readonly Dictionary<int, int> _owners = [];

    /// <summary>What the simulated clock is ahead of the other one, ns; modulo 2^64.</summary>
    private ulong _ahead;

    /// <summary>Makes a machine without processes.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="time">The clock that it follows.</param>
    public SimulatedNode(SimulationOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        Kernel = new SimulatedKernel(options) { Mode = AskingMode.Kernel };
        Cpus = options.Cpus;
        _ahead = Kernel.NowNs - ClockNs;
        Scheduler = new SimulatedScheduler(this, options);
        Kernel.OnSpawned = Scheduler.Store.Inherit;
    }

    /// <summary>Process id of this program on the simulated machine.</summary>
    public int OwnPid { get; set; }

    /// <summary>CPUs, with ids from 0.</summary>
    public int Cpus { get; }

    /// <summary>The scheduler of this machine.</summary>
    public SimulatedScheduler Scheduler { get; }

    /// <summary>Its pods.</summary>
    public SimulatedPods Pods { get; } = new();

    internal Lock Gate { get; } = new();

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>To be used under <see cref="Gate"/> only.</summary>
    internal SimulatedKernel Kernel { get; }

    /// <summary>Makes an observer of this machine; it is off.</summary>
    public Observer CreateObserver() => new(() => new SimulatedObserverPort(this), this, _time, interrupts: static () => 0);

    /// <summary>Starts a thread.</summary>
    /// <param name="spec">What it is and does; its cgroup is not looked at.</param>
    /// <param name="cgroup">Path of its cgroup.</param>
    /// <param name="uid">Its user.</param>
    /// <returns>Its id.</returns>
    public int Start(TaskSpec spec, string cgroup, int uid = 0)
    {
        ArgumentNullException.ThrowIfNull(spec);
        lock (Gate)
        {
            int known = _cgroups.IndexOf(cgroup);
            if (known < 0)
            {
                known = _cgroups.Count;
                _cgroups.Add(cgroup);
            }
            int pid = Kernel.Spawn(spec with { CgroupId = (ulong)known + 1 }).Pid;
            _owners[pid] = uid;
            return pid;
        }
    }

    /// <inheritdoc/>
    public TaskReading ReadAll(TaskDetails details) => Read(details, _ => true);

    /// <inheritdoc/>
    public TaskReading ReadProcess(int processId, TaskDetails details) => Read(details, task => task.Tgid == processId);

    /// <inheritdoc/>
    public TaskInfo? Find(int tid)
    {
        lock (Gate)
        {
            Follow();
            return Kernel.Find(tid) is { } task ? Describe(task, TaskDetails.None) : null;
        }
    }

    /// <inheritdoc/>
    public string ReadCgroup(TaskInfo task)
    {
        ArgumentNullException.ThrowIfNull(task);
        lock (Gate)
        {
            return Find(task.Key) is { } found ? CgroupOf(found) : "";
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gate)
        {
            Scheduler.Stop();
            Kernel.Dispose();
        }
    }

    /// <summary>Lets the machine run up to the present.</summary>
    internal void Follow()
    {
        ulong due = ClockNs + _ahead - Kernel.NowNs;
        if (due > LongestRunNs)
        {
            ulong left = due - LongestRunNs;
            _ahead -= left;
            Scheduler.Store.Sooner(left);
            due = LongestRunNs;
        }
        Kernel.Advance((long)due);
    }

    /// <summary>A moment of the clock, as a moment of the kernel.</summary>
    internal ulong ToKernel(ulong clockNs) => clockNs == 0 ? 0 : clockNs + _ahead;

    /// <summary>The living task with this identity.</summary>
    internal SimulatedTask? Find(TaskKey key) => Kernel.Find(key.Tid) is { } task && KeyOf(task) == key ? task : null;

    internal string CgroupOf(SimulatedTask task) => _cgroups[(int)task.Spec.CgroupId - 1];

    internal bool HasCgroup(string path) => _cgroups.Any(cgroup => CgroupIdentity.IsWithin(cgroup, path));

    // As the kernel's CLOCK_MONOTONIC, which expiries are given in.
    private ulong ClockNs => (ulong)(_time.GetElapsedTime(startingTimestamp: 0).Ticks * TimeSpan.NanosecondsPerTick);

    private static TaskKey KeyOf(SimulatedTask task) => new(task.Pid, (long)(task.StartTimeNs / NsPerTick));

    private TaskReading Read(TaskDetails details, Func<SimulatedTask, bool> wanted)
    {
        lock (Gate)
        {
            Follow();
            return new TaskReading(
                [.. Kernel.Tasks.Where(wanted).Select(task => Describe(task, details)).OrderBy(task => (task.ProcessId, task.Key.Tid))], Truncated: false);
        }
    }

    private TaskInfo Describe(SimulatedTask task, TaskDetails details)
    {
        SimulatedTask leader = Kernel.Find(task.Tgid) ?? task;
        return new TaskInfo
        {
            Key = KeyOf(task),
            Process = KeyOf(leader),
            Command = CommandText.Clean(task.Spec.Comm, CommandText.MaxLength),
            ProcessCommand = CommandText.Clean(leader.Spec.Comm, CommandText.MaxLength),
            ParentPid = task.Spec.IsKernelThread ? 0 : 1,
            State = task.IsRunnable ? 'R' : 'S',
            Cpu = task.Cpu,
            Nice = task.Spec.Nice,
            IsKernelThread = task.Spec.IsKernelThread,
            RunNs = (long)Kernel.UsedNs(task),
            WaitNs = (long)task.WaitedNs,
            RunCount = task.Runs,
            ReadAtNs = (long)Kernel.NowNs,
            Cgroup = (details & TaskDetails.Cgroup) != 0 ? CgroupOf(task) : "",
            Uid = (details & TaskDetails.Owner) != 0 ? _owners.GetValueOrDefault(task.Tgid) : -1,
        };
    }
}
