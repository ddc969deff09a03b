namespace Coxswain.Mcp.Metrics;

/// <summary>One metric, by the conventions of Prometheus: base units in the name, counters end in <c>_total</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What its numbers mean.</param>
/// <param name="Help">What it is, in a sentence.</param>
internal sealed record MetricDefinition(string Name, MetricKind Kind, string Help)
{
    private const string Total = "_total";
    private const string Seconds = "_seconds";

    /// <summary>Its name by the conventions of OpenTelemetry, e.g. <c>coxswain.pod.cpu_time</c>.</summary>
    public string TelemetryName
    {
        get
        {
            var name = Name.EndsWith(Total, StringComparison.Ordinal) ? Name[..^Total.Length] : Name;
            name = name.EndsWith(Seconds, StringComparison.Ordinal) ? $"{name[..^Seconds.Length]}_time" : name;
            var parts = name.Split('_', 3);
            return string.Join('.', parts);
        }
    }

    /// <summary>Its unit by the Unified Code for Units of Measure; empty for counts.</summary>
    public string Unit => Name.Contains(Seconds, StringComparison.Ordinal) ? "s" : Name.Contains("_bytes", StringComparison.Ordinal) ? "By" : "";
}
