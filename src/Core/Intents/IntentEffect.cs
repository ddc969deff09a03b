namespace Coxswain.Core.Intents;

/// <summary>What an intent sets; at least one of the three.</summary>
/// <param name="Class">Scheduling class; <see cref="SchedulingClass.Unset"/> leaves it to older intents.</param>
/// <param name="SliceUs">Time slice, µs; 0 leaves it to older intents.</param>
public readonly record struct IntentEffect(SchedulingClass Class, int SliceUs)
{
    /// <summary>The CPUs; null leaves them to other intents.</summary>
    public CpuChoice? Cpus { get; init; }

    /// <summary>Sets the CPUs only.</summary>
    public static IntentEffect OfCpus(CpuChoice cpus) => new(SchedulingClass.Unset, 0) { Cpus = cpus };

    /// <summary>Sets the class only.</summary>
    public static IntentEffect OfClass(SchedulingClass schedulingClass) => new(schedulingClass, 0);

    /// <summary>Sets the slice only.</summary>
    /// <param name="sliceUs">Time slice, µs.</param>
    public static IntentEffect OfSlice(int sliceUs) => new(SchedulingClass.Unset, sliceUs);
}
