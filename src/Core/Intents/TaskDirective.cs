namespace Coxswain.Core.Intents;

/// <summary>What the kernel holds for one thread, without what has expired.</summary>
/// <param name="Class">Scheduling class; <see cref="SchedulingClass.Unset"/> when none is set.</param>
/// <param name="ClassExpiresInSeconds">Until the class ends, s, rounded up; 0 when none is set.</param>
/// <param name="SliceUs">Time slice, µs; 0 when none is set.</param>
/// <param name="SliceExpiresInSeconds">Until the slice ends, s, rounded up; 0 when none is set.</param>
/// <param name="ChangeIds">The changes that these come from, at most three.</param>
public sealed record TaskDirective(
    SchedulingClass Class, int ClassExpiresInSeconds, int SliceUs, int SliceExpiresInSeconds, IReadOnlyList<string> ChangeIds)
{
    /// <summary>Share of one CPU that the thread may use in its class, %; 0: half of the machine, or no class is set.</summary>
    public int BudgetPercent { get; init; }

    /// <summary>CPUs, e.g. "0-3,8"; empty when none are set.</summary>
    public string Cpus { get; init; } = "";

    /// <summary>Until the CPUs end, s, rounded up; 0 when none are set.</summary>
    public int CpusExpiresInSeconds { get; init; }
}
