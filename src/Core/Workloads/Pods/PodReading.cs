namespace Coxswain.Core.Workloads.Pods;

/// <summary>What a source of pods answered.</summary>
/// <param name="Pods">The pods; empty when there was no answer.</param>
/// <param name="Problem">Why the answer is missing or incomplete, as a part of a sentence; empty when it is complete.</param>
public sealed record PodReading(IReadOnlyList<PodInfo> Pods, string Problem);
