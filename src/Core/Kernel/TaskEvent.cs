namespace Coxswain.Core.Kernel;

/// <summary>Something that happened to a thread.</summary>
/// <param name="Kind">What.</param>
/// <param name="Task">The thread.</param>
/// <param name="ProcessId">Id of its process.</param>
/// <param name="AtNs">When, CLOCK_MONOTONIC ns.</param>
public readonly record struct TaskEvent(TaskEventKind Kind, TaskKey Task, int ProcessId, ulong AtNs = 0);
