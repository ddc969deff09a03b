using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Benchmarks;

/// <summary>A scheduler whose directives are in memory, so that what is measured is finding out whom they are for.</summary>
internal sealed class MemoryScheduler : IScheduler, IDirectiveStore, ICgroupDirectiveStore
{
    private readonly Dictionary<TaskKey, Directive> _ofTasks = [];
    private readonly Dictionary<string, Directive> _ofCgroups = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _since = DateTimeOffset.UtcNow;

    public IDirectiveStore Directives => this;

    public ICgroupDirectiveStore CgroupDirectives => this;

    public ICpuSetStore CpuSets => throw new NotSupportedException();

    /// <summary>Threads that have a directive.</summary>
    public int TaskCount => _ofTasks.Count;

    /// <summary>Cgroups that have one.</summary>
    public int CgroupCount => _ofCgroups.Count;

    public SchedulerState ReadState() => Snapshot();

    public SchedulerSnapshot Snapshot() => new()
    {
        Attached = true,
        KernelState = "enabled",
        OpsName = "coxswain",
        AttachedSince = _since,
        KernelRelease = "made-up",
        Cpus = Environment.ProcessorCount,
    };

    public bool TryWrite(TaskKey task, in Directive directive)
    {
        _ofTasks[task] = directive;
        return true;
    }

    public bool TryRead(TaskKey task, out Directive directive) => _ofTasks.TryGetValue(task, out directive);

    public bool TryRemove(TaskKey task) => _ofTasks.Remove(task);

    public void Publish()
    {
    }

    public bool TryWriteCgroup(string path, in Directive directive)
    {
        _ofCgroups[path] = directive;
        return true;
    }

    public bool TryReadCgroup(string path, out Directive directive) => _ofCgroups.TryGetValue(path, out directive);

    public bool TryRemoveCgroup(string path) => _ofCgroups.Remove(path);
}
