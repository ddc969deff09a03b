using Coxswain.Core.Kernel;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The CPU sets of a simulated machine. Thread-safe.</summary>
internal sealed class SimulatedCpuSets(SimulatedNode node) : ICpuSetStore
{
    private readonly Dictionary<int, (int[] Cpus, bool IsHard, int Uses)> _sets = [];

    public int Define(IReadOnlyCollection<int> wanted, bool hard)
    {
        int[] ids = [.. wanted.Distinct().Order()];
        if (ids.Length == 0 || ids[0] < 0 || ids[^1] >= node.Cpus)
        {
            throw new ArgumentException($"A CPU set needs at least one CPU, each from 0 to {node.Cpus - 1}.", nameof(wanted));
        }
        lock (node.Gate)
        {
            foreach ((int number, (int[] same, bool isHard, int uses)) in _sets)
            {
                if (isHard == hard && same.SequenceEqual(ids))
                {
                    _sets[number] = (same, isHard, uses + 1);
                    return number;
                }
            }
            if (_sets.Count == ICpuSetStore.Max)
            {
                throw new SchedulerUnavailableException($"There are {ICpuSetStore.Max} CPU sets already: give one up first.");
            }
            int free = node.Kernel.DefineCpuSet(ids, hard);
            _sets[free] = (ids, hard, 1);
            return free;
        }
    }

    public void Release(int cpuSet)
    {
        lock (node.Gate)
        {
            (int[] ids, bool isHard, int uses) = Known(cpuSet);
            if (uses > 1)
            {
                _sets[cpuSet] = (ids, isHard, uses - 1);
            }
            else
            {
                _sets.Remove(cpuSet);
                node.Kernel.ReleaseCpuSet(cpuSet);
            }
        }
    }

    public IReadOnlyList<int> Read(int cpuSet)
    {
        lock (node.Gate)
        {
            return Known(cpuSet).Cpus;
        }
    }

    public void Clear()
    {
        lock (node.Gate)
        {
            foreach (int cpuSet in _sets.Keys)
            {
                node.Kernel.ReleaseCpuSet(cpuSet);
            }
            _sets.Clear();
        }
    }

    private (int[] Cpus, bool IsHard, int Uses) Known(int cpuSet) =>
        _sets.TryGetValue(cpuSet, out (int[], bool, int) set) ? set : throw new ArgumentException($"There is no CPU set {cpuSet}.", nameof(cpuSet));
}
