using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Simulation;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The directives that a simulated machine holds: of threads and of cgroups, of which a thread's own goes first.</summary>
/// <remarks>Expiries are moments of the clock that the machine follows; the kernel is told its own.</remarks>
internal sealed class SimulatedDirectives(SimulatedNode node) : IDirectiveStore, ICgroupDirectiveStore
{
    private const string CgroupRoot = "/sys/fs/cgroup";

    private readonly Dictionary<int, Directive> _ofTasks = [];
    private readonly Dictionary<string, Directive> _ofCgroups = new(StringComparer.Ordinal);

    private ulong _generation;

    public bool TryWrite(TaskKey task, in Directive directive)
    {
        lock (node.Gate)
        {
            if (node.Find(task) is null)
            {
                return false;
            }
            _ofTasks[task.Tid] = directive with { Generation = ++_generation };
            return true;
        }
    }

    public bool TryRead(TaskKey task, out Directive directive)
    {
        lock (node.Gate)
        {
            directive = default;
            return node.Find(task) is not null && _ofTasks.TryGetValue(task.Tid, out directive);
        }
    }

    public bool TryRemove(TaskKey task)
    {
        lock (node.Gate)
        {
            return node.Find(task) is not null && _ofTasks.Remove(task.Tid);
        }
    }

    public void Publish()
    {
        lock (node.Gate)
        {
            node.Follow();
            foreach (int gone in _ofTasks.Keys.Where(pid => node.Kernel.Find(pid) is null).ToList())
            {
                _ofTasks.Remove(gone);
            }
            foreach (SimulatedTask task in node.Kernel.Tasks)
            {
                Direct(task);
            }
        }
    }

    public bool TryWriteCgroup(string path, in Directive directive)
    {
        lock (node.Gate)
        {
            if (Below(path) is not { } cgroup || !node.HasCgroup(cgroup))
            {
                return false;
            }
            _ofCgroups[cgroup] = directive with { Generation = ++_generation };
            return true;
        }
    }

    public bool TryReadCgroup(string path, out Directive directive)
    {
        lock (node.Gate)
        {
            directive = default;
            return Below(path) is { } cgroup && _ofCgroups.TryGetValue(cgroup, out directive);
        }
    }

    public bool TryRemoveCgroup(string path)
    {
        lock (node.Gate)
        {
            return Below(path) is { } cgroup && _ofCgroups.Remove(cgroup);
        }
    }

    /// <summary>A new thread has what its creator has, if both are of one process; else what its cgroup has.</summary>
    public void Inherit(SimulatedTask task, SimulatedTask? creator)
    {
        _ofTasks.Remove(task.Pid);
        if (creator is not null && creator.Tgid == task.Tgid && _ofTasks.TryGetValue(creator.Pid, out Directive directive))
        {
            _ofTasks[task.Pid] = directive;
        }
        if (_ofTasks.Count > 0 || _ofCgroups.Count > 0)
        {
            Direct(task);
        }
    }

    /// <summary>The kernel's clock was put back against the other one by so much.</summary>
    public void Sooner(ulong ns)
    {
        foreach (SimulatedTask task in node.Kernel.Tasks)
        {
            if (task.Directive is { } d)
            {
                task.Directive = d with
                {
                    ClassExpiresNs = Less(d.ClassExpiresNs, ns),
                    SliceExpiresNs = Less(d.SliceExpiresNs, ns),
                    CpusExpiresNs = Less(d.CpusExpiresNs, ns),
                };
            }
        }
    }

    public void Clear()
    {
        _ofTasks.Clear();
        _ofCgroups.Clear();
        foreach (SimulatedTask task in node.Kernel.Tasks)
        {
            Direct(task);
        }
    }

    private void Direct(SimulatedTask task)
    {
        Directive? wanted = _ofTasks.TryGetValue(task.Pid, out Directive own) ? own : OfCgroup(node.CgroupOf(task));
        node.Kernel.Direct(task.Pid, wanted is { } d
            ? d with
            {
                ClassExpiresNs = node.ToKernel(d.ClassExpiresNs),
                SliceExpiresNs = node.ToKernel(d.SliceExpiresNs),
                CpusExpiresNs = node.ToKernel(d.CpusExpiresNs),
            }
            : null);
    }

    private Directive? OfCgroup(string cgroup)
    {
        if (_ofCgroups.Count == 0)
        {
            return null;
        }
        for (string path = cgroup; path.Length > 1; path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            if (_ofCgroups.TryGetValue(path, out Directive directive))
            {
                return directive;
            }
        }
        return null;
    }

    private static ulong Less(ulong moment, ulong ns) => moment > ns ? moment - ns : 0;

    private static string? Below(string path) => path.StartsWith(CgroupRoot, StringComparison.Ordinal) ? path[CgroupRoot.Length..] : null;
}
