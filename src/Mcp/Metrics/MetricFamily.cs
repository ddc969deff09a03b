namespace Coxswain.Mcp.Metrics;

/// <summary>A metric with its values at one moment.</summary>
/// <param name="Definition">The metric.</param>
/// <param name="Samples">Its values; none where there is nothing to tell.</param>
internal sealed record MetricFamily(MetricDefinition Definition, IReadOnlyList<MetricSample> Samples)
{
    /// <summary>A metric of one value.</summary>
    public static MetricFamily Of(MetricDefinition definition, double value, params IReadOnlyList<(string Name, string Value)> labels) =>
        new(definition, [new MetricSample(labels, value)]);
}
