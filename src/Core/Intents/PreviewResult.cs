using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>What an intent would do if it were applied now. Nothing was changed.</summary>
/// <param name="PlanId">Handle with which exactly this can be applied, for <see cref="PlanBook.Lifetime"/>.</param>
/// <param name="AlreadyActive">True when it would only renew an active change.</param>
/// <param name="Tasks">The threads, in ascending order of process and thread id.</param>
/// <param name="Skipped">The threads that the selector names but that would be left alone.</param>
/// <param name="Pods">The pods that it names; empty when it does not name pods.</param>
/// <param name="Conflicts">Changes of other authors for the same pods: without leave to replace them it would be refused.</param>
/// <param name="Unconfirmed">Why it would be refused without confirmation; empty when it would not.</param>
public sealed record PreviewResult(
    string PlanId, bool AlreadyActive, IReadOnlyList<PlannedTask> Tasks, IReadOnlyList<SkippedTask> Skipped,
    IReadOnlyList<PodInfo> Pods, IReadOnlyList<PlannedConflict> Conflicts, string Unconfirmed);
