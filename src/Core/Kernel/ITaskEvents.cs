namespace Coxswain.Core.Kernel;

/// <summary>Tells of threads that come, go, change their name or their cgroup, as it happens. Thread-safe.</summary>
public interface ITaskEvents
{
    /// <summary>Called with each batch, one at a time, on a thread of its own.</summary>
    event Action<TaskEventBatch>? Happened;

    /// <summary>Whether anything is told at all.</summary>
    TaskEventStatus Status { get; }

    /// <summary>Says whether anybody wants to know; what happens while nobody does is not told.</summary>
    void Want(bool wanted);
}
