using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>A selector bound to identities: an id that the kernel gives to another process later does not count.</summary>
/// <param name="Pattern">Regex over names; null when threads are named by id.</param>
/// <param name="Processes">Processes named by id, with all their threads.</param>
/// <param name="Threads">Single threads named by id.</param>
internal sealed record ResolvedSelector(CommandPattern? Pattern, IReadOnlySet<TaskKey> Processes, IReadOnlySet<TaskKey> Threads)
{
    /// <summary>Tells whether a living thread is one of those named. Knows nothing of protection.</summary>
    public bool Names(TaskInfo task) =>
        !task.IsDead && (Pattern?.Matches(task) ?? (Processes.Contains(task.Process) || Threads.Contains(task.Key)));
}
