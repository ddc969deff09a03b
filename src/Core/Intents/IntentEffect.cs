namespace Coxswain.Core.Intents;

/// <summary>What an intent sets; at least one of the three.</summary>
/// <param name="Class">Scheduling class; <see cref="SchedulingClass.Unset"/> leaves it to older intents.</param>
/// <param name="SliceUs">Time slice, µs; 0 leaves it to older intents.</param>
public readonly record struct IntentEffect(SchedulingClass Class, int SliceUs)
{
    /// <summary>Share of one CPU that each thread may use in the class, %; above it, it counts as normal until the next 100 ms.
    /// 0: half of the machine. Only with <see cref="SchedulingClass.High"/> and <see cref="SchedulingClass.LatencyCritical"/>.</summary>
    public int BudgetPercent { get; init; }

    /// <summary>True when it puts threads before others.</summary>
    public bool IsUpper => Class is SchedulingClass.High or SchedulingClass.LatencyCritical;

    /// <summary>The class that it raises threads to and nothing else; <see cref="SchedulingClass.Unset"/> when it does anything else.</summary>
    public SchedulingClass RaisesOnly => IsUpper && SliceUs == 0 && Cpus is null ? Class : SchedulingClass.Unset;

    /// <summary>The CPUs; null leaves them to other intents.</summary>
    public CpuChoice? Cpus { get; init; }

    /// <summary>Sets the CPUs only.</summary>
    public static IntentEffect OfCpus(CpuChoice cpus) => new(SchedulingClass.Unset, 0) { Cpus = cpus };

    /// <summary>Sets the class only.</summary>
    /// <param name="schedulingClass">The class.</param>
    /// <param name="budgetPercent">See <see cref="BudgetPercent"/>.</param>
    public static IntentEffect OfClass(SchedulingClass schedulingClass, int budgetPercent = 0) => new(schedulingClass, 0) { BudgetPercent = budgetPercent };

    /// <summary>Sets the slice only.</summary>
    /// <param name="sliceUs">Time slice, µs.</param>
    public static IntentEffect OfSlice(int sliceUs) => new(SchedulingClass.Unset, sliceUs);
}
