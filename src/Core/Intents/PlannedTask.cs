using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>What an intent would do to one thread.</summary>
/// <param name="Task">The thread.</param>
/// <param name="Before">What the kernel has for it now; null: nothing.</param>
/// <param name="After">What it would have.</param>
/// <param name="Shadowed">True when other changes would decide, so that nothing would change for this thread.</param>
public sealed record PlannedTask(TaskInfo Task, TaskDirective? Before, TaskDirective After, bool Shadowed);
