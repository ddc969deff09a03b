namespace Coxswain.Core.Workloads;

/// <summary>What the threads of this machine did during a short window.</summary>
/// <param name="Samples">The threads alive at the end, process by process.</param>
/// <param name="Window">How long they were watched; longer than asked for where reading them takes its time.</param>
/// <param name="Truncated">True when there are more threads than are read.</param>
public sealed record TaskSampling(IReadOnlyList<TaskSample> Samples, TimeSpan Window, bool Truncated);
