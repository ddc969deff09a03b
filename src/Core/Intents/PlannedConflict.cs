using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>A change of another author that sets the same for some of the same pods.</summary>
/// <param name="Change">That change.</param>
/// <param name="Pods">The pods that both name.</param>
public sealed record PlannedConflict(Change Change, IReadOnlyList<PodInfo> Pods);
