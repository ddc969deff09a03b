using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Tools;

/// <summary>One measurement, filtered and sorted, from which pages are taken.</summary>
/// <param name="Query">What was asked for.</param>
/// <param name="AsOf">When it was measured.</param>
/// <param name="Window">How long it was measured.</param>
/// <param name="Total">Threads that match.</param>
/// <param name="Samples">The first of them.</param>
/// <param name="Incomplete">True when the machine has more threads than are read.</param>
internal sealed record TaskListing(
    TaskQuery Query, DateTimeOffset AsOf, TimeSpan Window, int Total, IReadOnlyList<TaskSample> Samples, bool Incomplete) : IListing
{
    public int Kept => Samples.Count;
}
