using Coxswain.Core.Workloads;

namespace Coxswain.Core.Safety;

/// <summary>The threads that no intent may touch, because the machine or this program depends on them.</summary>
/// <param name="ownProcessId">Process id of the scheduler itself: whoever demotes it could no longer be undone.</param>
public sealed class ProtectedTasks(int ownProcessId)
{
    /// <summary>What is protected, in words, for people and agents.</summary>
    public static IReadOnlyList<string> Described { get; } = ["process 1 (init)", "kernel threads", "coxswain itself"];

    /// <summary>Tells why a thread is protected.</summary>
    /// <returns>The reason, fit to follow "is protected: "; null when it is not protected.</returns>
    public string? WhyProtected(TaskInfo task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.IsKernelThread)
        {
            return "kernel thread";
        }

        if (task.ProcessId == 1)
        {
            return "process 1 (init)";
        }

        return task.ProcessId == ownProcessId ? "coxswain itself" : null;
    }
}
