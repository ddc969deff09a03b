namespace Coxswain.Mcp.Tools;

/// <summary>One measurement of pods, filtered and sorted, from which pages are taken.</summary>
/// <param name="Query">What was asked for.</param>
/// <param name="AsOf">When it was measured.</param>
/// <param name="Window">How long it was measured.</param>
/// <param name="Pods">The pods that match.</param>
/// <param name="Problem">Why names and labels are missing or old; empty when they are not.</param>
internal sealed record PodListing(PodQuery Query, DateTimeOffset AsOf, TimeSpan Window, IReadOnlyList<PodSample> Pods, string Problem) : IListing
{
    public int Kept => Pods.Count;
}
