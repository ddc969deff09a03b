using Coxswain.Core.Observe;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Finds what a selector names among the threads that were observed, the ended ones included.</summary>
public static class ObservedSelection
{
    /// <summary>Makes a scope of a selector.</summary>
    /// <param name="selector">What is looked for. Users cannot be told of threads that have ended, so that they are not a part of it.</param>
    /// <param name="pods">Knows the pods.</param>
    /// <exception cref="IntentRejectedException">The command or the labels cannot be read.</exception>
    public static ObservationScope Of(Selector selector, PodRegistry pods)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(pods);
        if (selector.Command.Length > 0 && CommandPattern.TryCreate(selector.Command, out var problem) is null)
        {
            throw new IntentRejectedException(RejectionCause.Invalid, problem);
        }

        if (selector.Labels.Length > 0 && Workloads.Pods.LabelSelector.TryParse(selector.Labels, out problem) is null)
        {
            throw new IntentRejectedException(RejectionCause.Invalid, problem);
        }

        var target = new ResolvedSelector(selector, pods);
        if (selector.NamesWholeCgroups)
        {
            return ObservationScope.OfCgroups(path => path.Length > 0 && target.IsInScope(new TaskInfo
            {
                Key = default,
                Process = default,
                Command = "",
                ProcessCommand = "",
                Cgroup = path,
            }));
        }

        var ids = selector.Pids.ToHashSet();
        return new ObservationScope(task => ids.Count > 0 ? ids.Contains(task.ProcessId) || ids.Contains(task.Key.Tid) : target.Names(Describe(task)));
    }

    /// <summary>An observed thread in the form in which threads are known elsewhere, as far as it is known.</summary>
    public static TaskInfo Describe(ObservedTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new TaskInfo
        {
            Key = task.Key,
            Process = new Kernel.TaskKey(task.ProcessId, 0),
            Command = task.Command,
            ProcessCommand = task.ProcessCommand,
            IsKernelThread = task.IsKernelThread,
            State = 'S',
            Cgroup = task.Cgroup,
        };
    }
}
