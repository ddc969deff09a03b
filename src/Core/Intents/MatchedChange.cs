namespace Coxswain.Core.Intents;

/// <summary>A change that names a thread, and what it decides for it.</summary>
/// <param name="Change">The change.</param>
/// <param name="DecidesClass">True when the thread's class comes from it.</param>
/// <param name="DecidesSlice">True when the thread's time slice comes from it.</param>
public sealed record MatchedChange(Change Change, bool DecidesClass, bool DecidesSlice)
{
    /// <summary>True when the thread's CPUs come from it.</summary>
    public bool DecidesCpus { get; init; }
}
