using System.Text;
using Coxswain.Core.Observe;
using Coxswain.Core.Simulation;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The kernel side of the observer on a simulated machine: counts what bpf/observer.bpf.c counts, by its rules.</summary>
internal sealed class SimulatedObserverPort(SimulatedNode node) : IObserverPort, ISimulationWatcher
{
    private const int StintsPerCpu = 64;
    private const ulong LeastBlamedNs = 100_000;

    private readonly Dictionary<int, Seen> _seen = [];
    private readonly List<Seen> _ended = [];
    private readonly Queue<Stint>[] _stints = [.. Enumerable.Range(0, node.Cpus).Select(_ => new Queue<Stint>(StintsPerCpu))];
    private readonly Dictionary<(uint From, uint To), (ulong Ns, ulong Count)> _delays = [];
    private readonly Dictionary<(uint From, uint To), (ulong Ns, ulong Count)> _wakes = [];
    private int _nextSlot;

    /// <summary>Always false. The machine is kept going meanwhile: it leaves out time in which nobody looks at it.</summary>
    public bool IsPressed
    {
        get
        {
            lock (node.Gate)
            {
                node.Follow();
                return false;
            }
        }
    }

    public void Start()
    {
        lock (node.Gate)
        {
            node.Follow();
            node.Kernel.Watcher = this;
        }
    }

    public void Collect(IObservationSink sink)
    {
        lock (node.Gate)
        {
            node.Follow();
            // The sink asks the machine for names, which lets it go on: what comes meanwhile belongs to the next time.
            Seen[] ended = [.. _ended];
            Seen[] all = [.. _seen.Values, .. ended];
            KeyValuePair<(uint From, uint To), (ulong Ns, ulong Count)>[] delays = [.. _delays], wakes = [.. _wakes];
            _ended.Clear();
            _delays.Clear();
            _wakes.Clear();
            foreach (Seen seen in all)
            {
                Tell(sink, seen);
            }
            foreach (((uint from, uint to), (ulong ns, ulong count)) in delays)
            {
                sink.AddDelay(from, to, ns, count);
            }
            foreach (((uint from, uint to), (ulong ns, ulong count)) in wakes)
            {
                sink.AddWake(from, to, ns, count);
            }
            foreach (Seen seen in ended)
            {
                sink.Release(seen.Slot);
            }
        }
    }

    public void Woken(SimulatedTask task, SimulatedTask? waker)
    {
        Seen seen = Of(task);
        seen.Metrics.Wakeups++;
        seen.WokenBy = waker is null ? Observe.Wire.PairRecord.Irq : (uint)Of(waker).Slot;
    }

    public void Running(int cpu, SimulatedTask task, ulong waitedNs)
    {
        Seen seen = Of(task);
        ObservedMetrics metrics = seen.Metrics;
        metrics.Waits++;
        metrics.WaitNs += (long)waitedNs;
        metrics.LongestWaitNs = Math.Max(metrics.LongestWaitNs, (long)waitedNs);
        metrics.AddBucket(WaitBuckets.Of(waitedNs), 1);
        if (seen.Cpu >= 0 && seen.Cpu != cpu)
        {
            // No CPU of a simulated machine is half a core.
            bool isNear = node.Kernel.LlcOf(seen.Cpu) == node.Kernel.LlcOf(cpu);
            metrics.LlcMigrations += isNear ? 1 : 0;
            metrics.FarMigrations += isNear ? 0 : 1;
        }
        seen.Cpu = cpu;
        seen.SinceNs = node.Kernel.NowNs;
        if (seen.WokenBy is { } waker)
        {
            Add(_wakes, waker, seen, waitedNs);
            seen.WokenBy = null;
        }
        if (waitedNs >= LeastBlamedNs)
        {
            Blame(cpu, seen, node.Kernel.NowNs - waitedNs);
        }
    }

    public void Stopped(int cpu, SimulatedTask task, bool isRunnable)
    {
        Seen seen = Of(task);
        ulong now = node.Kernel.NowNs;
        seen.Metrics.VoluntarySwitches += isRunnable ? 0 : 1;
        seen.Metrics.InvoluntarySwitches += isRunnable ? 1 : 0;
        if (seen.SinceNs is { } since)
        {
            seen.Metrics.RunNs += (long)(now - since);
            if (_stints[cpu].Count == StintsPerCpu)
            {
                _stints[cpu].Dequeue();
            }
            _stints[cpu].Enqueue(new Stint(seen.Slot, since, now));
        }
        seen.SinceNs = null;
    }

    public void Ended(SimulatedTask task)
    {
        if (_seen.Remove(task.Pid, out Seen? seen))
        {
            _ended.Add(seen);
        }
    }

    public void Dispose()
    {
        lock (node.Gate)
        {
            if (node.Kernel.Watcher == this)
            {
                node.Kernel.Watcher = null;
            }
        }
    }

    private static void Add(Dictionary<(uint From, uint To), (ulong Ns, ulong Count)> pairs, uint from, Seen to, ulong ns)
    {
        (ulong before, ulong count) = pairs.GetValueOrDefault((from, (uint)to.Slot));
        pairs[(from, (uint)to.Slot)] = (before + ns, count + 1);
    }

    private void Tell(IObservationSink sink, Seen seen)
    {
        ulong now = node.Kernel.NowNs;
        ObservedMetrics metrics = seen.Metrics;
        if (!seen.IsBound)
        {
            seen.IsBound = true;
            sink.Bind(seen.Slot, seen.Task.Pid, seen.Task.Tgid, seen.Task.StartTimeNs, seen.Task.Spec.IsKernelThread);
        }
        if (seen.SinceNs is { } since)
        {
            // Who has a CPU for itself would not be counted for a long time.
            metrics.RunNs += (long)(now - since);
            seen.SinceNs = now;
        }
        if (seen.Task is { State: SimulatedTaskState.Waiting, RunnableNs: { } runnable })
        {
            metrics.UnfinishedWaitNs = (long)(now - runnable);
        }
        sink.Describe(seen.Slot, Encoding.UTF8.GetBytes(seen.Task.Spec.Comm), seen.Task.Spec.CgroupId);
        if (metrics.RunNs + metrics.Waits + metrics.Wakeups + metrics.UnfinishedWaitNs > 0)
        {
            sink.Add(seen.Slot, metrics);
            metrics.Clear();
        }
    }

    // Who ran on the CPU meanwhile, the latest first.
    private void Blame(int cpu, Seen delayed, ulong from)
    {
        foreach (Stint stint in _stints[cpu].Reverse())
        {
            if (stint.EndNs <= from)
            {
                return;
            }
            if (stint.Slot != delayed.Slot)
            {
                Add(_delays, (uint)stint.Slot, delayed, stint.EndNs - Math.Max(stint.BeginNs, from));
            }
        }
    }

    private Seen Of(SimulatedTask task)
    {
        if (!_seen.TryGetValue(task.Pid, out Seen? seen))
        {
            _seen[task.Pid] = seen = new Seen(_nextSlot++, task);
        }
        return seen;
    }

    private readonly record struct Stint(int Slot, ulong BeginNs, ulong EndNs);

    private sealed class Seen(int slot, SimulatedTask task)
    {
        public int Slot { get; } = slot;

        public SimulatedTask Task { get; } = task;

        public ObservedMetrics Metrics { get; } = new();

        public int Cpu { get; set; } = -1;

        public ulong? SinceNs { get; set; }

        public uint? WokenBy { get; set; }

        public bool IsBound { get; set; }
    }
}
