using Coxswain.Core.Observe;

namespace Coxswain.Core.Intents;

/// <summary>An active change as guards look at it.</summary>
/// <param name="Number">See <see cref="Change.Number"/>.</param>
/// <param name="Id">See <see cref="Change.Id"/>.</param>
/// <param name="SeenUntil">Last second of the observer that lies wholly before it; 0 when nothing was observed then.</param>
/// <param name="Guard">Its own condition; null: none.</param>
public sealed record GuardedChange(uint Number, string Id, uint SeenUntil, IntentGuard? Guard);

/// <summary>The active changes at one moment, and whom they touch.</summary>
/// <param name="Version">Another one when a change has come or gone.</param>
/// <param name="Changes">The changes, newest first.</param>
/// <param name="Touches">Tells whether a thread is one that any of them touches, or belongs to such a process.</param>
public sealed record GuardedChanges(long Version, IReadOnlyList<GuardedChange> Changes, Func<ObservedTask, bool> Touches);
