namespace Coxswain.Core.Workloads.Pods;

/// <summary>What a source of pods answered.</summary>
/// <param name="Pods">The pods; empty when there was no answer.</param>
/// <param name="Problem">Why the answer is missing or incomplete, as a part of a sentence; empty when it is complete.</param>
public sealed record PodReading(IReadOnlyList<PodInfo> Pods, string Problem)
{
    /// <summary>What is worth knowing of a complete answer, as a part of a sentence, e.g. that one of two sources is silent; empty for nothing.</summary>
    public string Note { get; init; } = "";
}
