namespace Coxswain.Core.Intents.State;

/// <summary>What became of the changes of an earlier run.</summary>
/// <param name="Restored">Those that are in force again, for the rest of their lifetime.</param>
/// <param name="Refused">Those that are not, and why.</param>
/// <param name="Expired">How many were over.</param>
public sealed record RestoreResult(IReadOnlyList<Change> Restored, IReadOnlyList<RefusedRestore> Refused, int Expired);
