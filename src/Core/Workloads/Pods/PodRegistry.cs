using System.Collections.Concurrent;

namespace Coxswain.Core.Workloads.Pods;

/// <summary>Knows which pod a cgroup belongs to. Joins what cgroup paths say with what the runtime says. Thread-safe.</summary>
/// <remarks>
/// The runtime is asked at most once a second. While it does not answer, what it said last goes on to count: the uid in a
/// cgroup's path tells without it which pods are still there, and the labels of a pod hardly ever change.
/// </remarks>
public sealed class PodRegistry
{
    private static readonly TimeSpan s_maxAge = TimeSpan.FromSeconds(1);

    // Paths of ended pods stay until the bound is reached; a node has some thousands.
    private const int MaxPaths = 100_000;

    private readonly IPodSource? _source;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private readonly ConcurrentDictionary<string, CgroupIdentity> _identities = new(StringComparer.Ordinal);
    private volatile PodTable _table = PodTable.Empty;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;

    /// <summary>Creates a registry that has not looked yet.</summary>
    /// <param name="source">Who names the pods; null when nobody does.</param>
    /// <param name="time">Clock.</param>
    public PodRegistry(IPodSource? source, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _source = source;
        _time = time;
    }

    /// <summary>What is known, without asking anybody.</summary>
    public PodTable Table => _table;

    /// <summary>Asks the runtime, unless it was asked within the last second. Waits as long as the source does.</summary>
    public PodTable Refresh()
    {
        lock (_reading)
        {
            var age = _time.GetUtcNow() - _readAt;
            if (age >= s_maxAge || age < TimeSpan.Zero)
            {
                var reading = _source?.Read() ?? new PodReading([], "no container runtime is configured");
                _table = new PodTable(reading.Pods.Count == 0 && reading.Problem.Length > 0 ? _table.Pods : reading.Pods, reading.Problem) { Note = reading.Note };
                _readAt = _time.GetUtcNow();
            }

            return _table;
        }
    }

    /// <summary>What the path of a cgroup says.</summary>
    public CgroupIdentity Identify(string cgroup)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        if (_identities.Count > MaxPaths)
        {
            _identities.Clear();
        }

        return _identities.GetOrAdd(cgroup, CgroupIdentity.Parse);
    }

    /// <summary>The pod that a thread runs in, as far as is known now; null when it runs in none.</summary>
    /// <param name="task">A thread that was read with its cgroup.</param>
    public PodInfo? PodOf(TaskInfo task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Cgroup.Length == 0 ? null : _table.Of(Identify(task.Cgroup));
    }
}
