using Coxswain.Core.Observe;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents.Experiments;

/// <summary>Whom a selector names, among the threads that live and among those that were observed.</summary>
internal sealed class WorkloadMatch
{
    private readonly HashSet<int> _ids;
    private readonly ResolvedSelector _target;

    /// <exception cref="IntentRejectedException">It cannot be read, or names what threads cannot be observed by.</exception>
    public WorkloadMatch(Selector selector, PodRegistry pods)
    {
        Scope = ObservedSelection.Of(selector, pods);
        _ids = [.. selector.Pids];
        _target = new ResolvedSelector(selector, pods);
        if (selector.Uid is not null || !_target.MatchesNames)
        {
            throw new IntentRejectedException(
                RejectionCause.Invalid, "threads cannot be measured by uid, exe: or cmdline:; name them by pods, command (names), cgroup, unit or pids");
        }
    }

    /// <summary>The same among the threads that were observed.</summary>
    public ObservationScope Scope { get; }

    /// <summary>What must have been read of a thread to tell.</summary>
    public TaskDetails Details => _target.Details;

    /// <summary>Tells whether a living thread is named.</summary>
    public bool Names(TaskInfo task) =>
        _ids.Count > 0 ? _ids.Contains(task.ProcessId) || _ids.Contains(task.Key.Tid) : _target.Names(task);
}
