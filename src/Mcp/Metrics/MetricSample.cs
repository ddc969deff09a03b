namespace Coxswain.Mcp.Metrics;

/// <summary>One value of a metric.</summary>
/// <param name="Labels">What tells it from the metric's others.</param>
/// <param name="Value">The value; the sum of a distribution.</param>
internal sealed record MetricSample(IReadOnlyList<(string Name, string Value)> Labels, double Value)
{
    /// <summary>A distribution: upper bounds with the number of all not above them, ascending.</summary>
    public IReadOnlyList<(double UpTo, long Count)> Buckets { get; init; } = [];

    /// <summary>Number of all in a distribution.</summary>
    public long Count { get; init; }
}
