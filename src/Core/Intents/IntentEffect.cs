namespace Coxswain.Core.Intents;

/// <summary>What an intent sets; at least one of the two.</summary>
/// <param name="Class">Scheduling class; <see cref="SchedulingClass.Unset"/> leaves it to older intents.</param>
/// <param name="SliceUs">Time slice, µs; 0 leaves it to older intents.</param>
public readonly record struct IntentEffect(SchedulingClass Class, int SliceUs)
{
    /// <summary>Sets the class only.</summary>
    public static IntentEffect OfClass(SchedulingClass schedulingClass) => new(schedulingClass, 0);

    /// <summary>Sets the slice only.</summary>
    /// <param name="sliceUs">Time slice, µs.</param>
    public static IntentEffect OfSlice(int sliceUs) => new(SchedulingClass.Unset, sliceUs);
}
