namespace Coxswain.Core.Kernel;

/// <summary>The last time that the scheduler was ended for an error.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="SuspectSince">What was changed from then to <paramref name="At"/> may be its cause, and is not to be done again by itself.</param>
public sealed record SchedulerFailure(DateTimeOffset At, DateTimeOffset SuspectSince);
