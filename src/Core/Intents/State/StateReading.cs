namespace Coxswain.Core.Intents.State;

/// <summary>What was found in a state file.</summary>
/// <param name="State">What it says; null when there is none, or nothing that can be used.</param>
/// <param name="Problem">Why it cannot be used, as a sentence; empty when it can, or is not there.</param>
public sealed record StateReading(SavedState? State, string Problem);
