namespace Coxswain.Core.Intents;

/// <summary>Outcome of a revert.</summary>
/// <param name="Reverted">The changes that this call ended.</param>
/// <param name="AlreadyEnded">Those named that had ended before.</param>
/// <param name="NotFound">The ids that nobody knows, or that are too old to be remembered.</param>
/// <param name="TasksRestored">Threads whose directive was removed or given back to an older change.</param>
/// <param name="GoneFromKernel">True when a last look found nothing left of the reverted changes.</param>
/// <param name="RemainingActive">Changes that are still active.</param>
public sealed record RevertResult(
    IReadOnlyList<Change> Reverted, IReadOnlyList<Change> AlreadyEnded, IReadOnlyList<string> NotFound,
    int TasksRestored, bool GoneFromKernel, int RemainingActive);
