using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;

namespace Coxswain.Core.Intents;

/// <summary>Whom the active changes touch, as a copy that needs no lock.</summary>
/// <param name="intents">The active changes.</param>
internal sealed class TouchedTasks(IReadOnlyCollection<Intent> intents)
{
    private readonly HashSet<int> _processes = [.. intents.SelectMany(intent => intent.Processes)];
    private readonly HashSet<TaskKey> _threads = [.. intents.SelectMany(intent => intent.Target.Threads)];

    // Users cannot be told of threads that were observed; their processes are known all the same.
    private readonly List<ResolvedSelector> _targets =
        [.. intents.Where(intent => !intent.Target.IsById && intent.Request.Selector.Uid is null).Select(intent => intent.Target)];

    /// <summary>Tells whether a thread is touched, or was when it lived: those that ended since are found by name and place.</summary>
    public bool Contains(ObservedTask task)
    {
        if (_processes.Contains(task.ProcessId) || _threads.Contains(task.Key))
        {
            return true;
        }

        if (_targets.Count == 0)
        {
            return false;
        }

        var described = ObservedSelection.Describe(task);
        return _targets.Exists(target => target.Names(described));
    }
}
