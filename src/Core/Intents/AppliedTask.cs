using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>A thread for which a directive was written, and what the kernel then had for it.</summary>
/// <param name="Task">The thread.</param>
/// <param name="Seen">Read back from the kernel.</param>
public sealed record AppliedTask(TaskInfo Task, TaskDirective Seen);
