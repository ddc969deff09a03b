using System.Text;
using Coxswain.Core.Observe;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Simulation;

namespace Coxswain.Core.Tests.Intents.Experiments;

/// <summary>Observes the simulated kernel as the BPF side observes the real one, as far as waits and CPU time go.</summary>
internal sealed class SimulatedObserverPort(SimulatedNode node) : IObserverPort
{
    private readonly Dictionary<int, Seen> _seen = [];
    private int _slots;

    // Looked at often enough, the machine leaves no time out.
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
            node.Kernel.OnRunning = (task, waitedNs) =>
            {
                var metrics = Of(task).Metrics;
                metrics.Waits++;
                metrics.WaitNs += (long)waitedNs;
                metrics.LongestWaitNs = Math.Max(metrics.LongestWaitNs, (long)waitedNs);
                metrics.AddBucket(WaitBuckets.Of(waitedNs), 1);
            };
        }
    }

    public void Collect(IObservationSink sink)
    {
        lock (node.Gate)
        {
            node.Follow();
            foreach (var task in node.Kernel.Tasks)
            {
                var seen = Of(task);
                if (!seen.IsBound)
                {
                    sink.Bind(seen.Slot, task.Pid, task.Tgid, task.StartTimeNs, task.Spec.IsKernelThread);
                    seen.IsBound = true;
                }

                var used = node.Kernel.UsedNs(task);
                seen.Metrics.RunNs += (long)(used - seen.UsedNs);
                seen.UsedNs = used;
                sink.Describe(seen.Slot, Encoding.ASCII.GetBytes(task.Spec.Comm), task.Spec.CgroupId);
                sink.Add(seen.Slot, seen.Metrics);
                seen.Metrics.Clear();
            }
        }
    }

    public void Dispose()
    {
        lock (node.Gate)
        {
            node.Kernel.OnRunning = null;
        }
    }

    private Seen Of(SimulatedTask task)
    {
        if (!_seen.TryGetValue(task.Pid, out var seen))
        {
            _seen[task.Pid] = seen = new Seen(_slots++, node.Kernel.UsedNs(task));
        }

        return seen;
    }

    private sealed class Seen(int slot, ulong usedNs)
    {
        public int Slot { get; } = slot;

        public ObservedMetrics Metrics { get; } = new();

        public ulong UsedNs { get; set; } = usedNs;

        public bool IsBound { get; set; }
    }
}
