using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>A thread that a selector names but that was left as it was.</summary>
/// <param name="Task">The thread.</param>
/// <param name="Reason">Why, e.g. "kernel thread".</param>
public sealed record SkippedTask(TaskInfo Task, string Reason);
