using Coxswain.Core.Kernel;

namespace Coxswain.Core.Supervision;

/// <summary>One time that the scheduler ended, or could not be started again, without having been told to.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Exit">The kernel's record with its dump; null when the scheduler could not even be attached.</param>
/// <param name="Cause">What happened, in a sentence.</param>
/// <param name="Next">What is done about it.</param>
/// <param name="RestartAt">When it is started again; null when it is not.</param>
/// <param name="Failures">Failures that count at that time, this one included.</param>
public sealed record SchedulerEnd(
    DateTimeOffset At, SchedulerExit? Exit, string Cause, NextStep Next, DateTimeOffset? RestartAt, int Failures);
