namespace Coxswain.Core.Kernel;

/// <summary>What happened to threads since the batch before.</summary>
/// <param name="Events">In the order in which it happened on each CPU; several may be about one thread.</param>
/// <param name="IsComplete">False when events are missing, as before the first batch: all threads have to be looked at anew.</param>
public sealed record TaskEventBatch(IReadOnlyList<TaskEvent> Events, bool IsComplete);
