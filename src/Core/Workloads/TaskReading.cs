namespace Coxswain.Core.Workloads;

/// <summary>Threads read in one pass. Not a snapshot: they come and go while the pass runs.</summary>
/// <param name="Tasks">The threads, process by process, in ascending order of process id.</param>
/// <param name="Truncated">True when the source's bound was reached, so that some are missing.</param>
public sealed record TaskReading(IReadOnlyList<TaskInfo> Tasks, bool Truncated)
{
    /// <summary>A reading that found nothing.</summary>
    public static TaskReading Empty { get; } = new([], false);
}
