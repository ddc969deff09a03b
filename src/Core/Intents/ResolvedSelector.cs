using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>A selector bound to identities: an id that the kernel gives to another process later does not count. Pods, commands,
/// cgroups and users are looked up anew for each thread, as they come and go.</summary>
internal sealed class ResolvedSelector(Selector selector, PodRegistry pods)
{
    private readonly CommandPattern? _pattern = selector.Command.Length == 0 ? null : CommandPattern.TryCreate(selector.Command, out _);
    private readonly LabelSelector? _labels = selector.Labels.Length == 0 ? null : LabelSelector.TryParse(selector.Labels, out _);

    /// <summary>Processes named by id, with all their threads.</summary>
    public IReadOnlySet<TaskKey> Processes { get; init; } = new HashSet<TaskKey>();

    /// <summary>Single threads named by id.</summary>
    public IReadOnlySet<TaskKey> Threads { get; init; } = new HashSet<TaskKey>();

    /// <summary>Uids of the only pods that it names, when it is bound to those that were there at first; null: also others that come.</summary>
    public IReadOnlySet<string>? OnlyPods { get; init; }

    /// <summary>False when its regex is over programs or command lines.</summary>
    public bool MatchesNames => _pattern is null or { Details: TaskDetails.None };

    /// <summary>True when threads are named by id: no others will ever be.</summary>
    public bool IsById => selector.Pids.Count > 0;

    /// <summary>What must have been read of a thread to tell whether it is named.</summary>
    public TaskDetails Details =>
        (selector.NamesPods || selector.Cgroup.Length > 0 || selector.Unit.Length > 0 ? TaskDetails.Cgroup : TaskDetails.None) |
        (selector.Uid is null ? TaskDetails.None : TaskDetails.Owner) | (_pattern?.Details ?? TaskDetails.None);

    /// <summary>Tells whether a living thread is one of those named. Knows nothing of protection.</summary>
    /// <param name="task">A thread that was read with <see cref="Details"/>.</param>
    public bool Names(TaskInfo task) =>
        !task.IsDead &&
        (!IsById || Processes.Contains(task.Process) || Threads.Contains(task.Key)) &&
        IsInScope(task) &&
        (selector.Uid is not { } uid || task.Uid == uid) &&
        (_pattern is null || _pattern.Matches(task));

    /// <summary>Tells whether a thread is in the named pods, cgroup or unit, whatever its command and user.</summary>
    public bool IsInScope(TaskInfo task) =>
        (selector.Cgroup.Length == 0 || CgroupIdentity.IsWithin(task.Cgroup, selector.Cgroup)) &&
        (selector.Unit.Length == 0 || UnitPath(task.Cgroup) is not null) &&
        (!selector.NamesPods || (pods.PodOf(task) is { } pod && Names(pod)));

    /// <summary>Tells whether a pod is one of those named.</summary>
    public bool Names(PodInfo pod) =>
        pod.IsDescribed &&
        OnlyPods?.Contains(pod.Uid) != false &&
        (selector.Namespace.Length == 0 || pod.Namespace == selector.Namespace) &&
        (selector.PodNames.Count == 0 || selector.PodNames.Contains(pod.Name)) &&
        (_labels is null || _labels.Matches(pod.Labels));

    /// <summary>The cgroup that a named thread is named by, of which all threads are named.</summary>
    /// <returns>Null when there is none.</returns>
    public string? WholeCgroup(TaskInfo task)
    {
        if (!selector.NamesWholeCgroups || task.Cgroup.Length == 0)
        {
            return null;
        }

        if (!selector.NamesPods)
        {
            return selector.Unit.Length > 0 ? UnitPath(task.Cgroup) : selector.Cgroup;
        }

        var identity = pods.Identify(task.Cgroup);
        return identity.PodPath.Length > 0 ? identity.PodPath : identity.ContainerPath.Length > 0 ? identity.ContainerPath : null;
    }

    // Up to the unit's own name: what it made below belongs to it.
    private string? UnitPath(string cgroup)
    {
        for (var at = cgroup.IndexOf(selector.Unit, StringComparison.Ordinal); at > 0; at = cgroup.IndexOf(selector.Unit, at + 1, StringComparison.Ordinal))
        {
            var end = at + selector.Unit.Length;
            if (cgroup[at - 1] == '/' && (end == cgroup.Length || cgroup[end] == '/'))
            {
                return cgroup[..end];
            }
        }

        return null;
    }
}
