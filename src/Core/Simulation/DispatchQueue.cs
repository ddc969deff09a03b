namespace Coxswain.Core.Simulation;

/// <summary>A dispatch queue as the kernel has them: by key, first come first served among equals.</summary>
internal sealed class DispatchQueue(string name)
{
    private readonly SortedSet<SimulatedTask> _tasks = new(Comparer<SimulatedTask>.Create(static (a, b) =>
        a.QueueKey != b.QueueKey ? ((long)(a.QueueKey - b.QueueKey)).CompareTo(0) : a.QueueOrder.CompareTo(b.QueueOrder)));

    private long _order;

    public int Count => _tasks.Count;

    /// <summary>The task with the smallest key.</summary>
    public SimulatedTask? First => _tasks.Min;

    /// <summary>From the largest key on.</summary>
    public IEnumerable<SimulatedTask> FromLast => _tasks.Reverse();

    public void Insert(SimulatedTask task, ulong key)
    {
        if (task.Queue is { } other)
        {
            throw new InvalidOperationException($"Task {task.Pid} is in queue {other} and was to be put into {this}: the simulated kernel has an error.");
        }
        task.Queue = this;
        task.QueueKey = key;
        task.QueueOrder = _order++;
        _tasks.Add(task);
    }

    /// <summary>At the end, whatever the keys are: for queues that are first in, first out.</summary>
    public void Append(SimulatedTask task) => Insert(task, 0);

    public void Remove(SimulatedTask task)
    {
        _tasks.Remove(task);
        task.Queue = null;
    }

    /// <summary>The first task that may run on a CPU, taken out; null when there is none.</summary>
    public SimulatedTask? Take(int cpu)
    {
        SimulatedTask? task = _tasks.Min;
        if (task is not null && !task.MayRunOn(cpu))
        {
            task = _tasks.FirstOrDefault(t => t.MayRunOn(cpu));
        }
        if (task is not null)
        {
            Remove(task);
        }
        return task;
    }

    public override string ToString() => name;
}
