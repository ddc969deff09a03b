namespace Coxswain.Core.Guards;

/// <summary>How the guards are.</summary>
/// <param name="Enabled">Whether the daemon's own guard is wanted.</param>
/// <param name="Problem">Why waits cannot be measured; empty when they can, or nobody has tried.</param>
/// <param name="Watches">What the own guard does about each active change, by number.</param>
public sealed record GuardStatus(bool Enabled, string Problem, IReadOnlyDictionary<uint, WatchState> Watches);
