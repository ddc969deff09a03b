namespace Coxswain.Core.Intents;

/// <summary>What ending changes would do now. Nothing was changed.</summary>
/// <param name="Changes">The changes that would end, as they are, newest first.</param>
/// <param name="AlreadyEnded">Those named that have ended before: no error.</param>
/// <param name="NotFound">The ids that no change has.</param>
/// <param name="Tasks">The threads that they cover, in ascending order of process and thread id, with what would be left for each.</param>
/// <param name="RemainingActive">How many changes would still be in force.</param>
public sealed record RevertPreview(
    IReadOnlyList<Change> Changes, IReadOnlyList<Change> AlreadyEnded, IReadOnlyList<string> NotFound, IReadOnlyList<PlannedTask> Tasks, int RemainingActive);
