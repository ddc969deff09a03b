namespace Coxswain.Core.Intents;

/// <summary>What the kernel holds for one thread, without what has expired.</summary>
/// <param name="Class">Scheduling class; <see cref="SchedulingClass.Unset"/> when none is set.</param>
/// <param name="ClassExpiresInSeconds">Until the class ends, s, rounded up; 0 when none is set.</param>
/// <param name="SliceUs">Time slice, µs; 0 when none is set.</param>
/// <param name="SliceExpiresInSeconds">Until the slice ends, s, rounded up; 0 when none is set.</param>
/// <param name="ChangeIds">The changes that these come from, at most two.</param>
public sealed record TaskDirective(
    SchedulingClass Class, int ClassExpiresInSeconds, int SliceUs, int SliceExpiresInSeconds, IReadOnlyList<string> ChangeIds);
