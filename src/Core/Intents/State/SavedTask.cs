namespace Coxswain.Core.Intents.State;

/// <summary>Identity of a thread within one boot of the machine.</summary>
/// <param name="Tid">Its id.</param>
/// <param name="StartTicks">When it started, clock ticks since boot.</param>
public sealed record SavedTask(int Tid, long StartTicks);
