namespace Coxswain.Mcp.Metrics;

/// <summary>What a metric's numbers mean.</summary>
internal enum MetricKind
{
    /// <summary>A value of the moment.</summary>
    Gauge,

    /// <summary>A sum that only grows, but for restarts.</summary>
    Counter,

    /// <summary>A distribution.</summary>
    Histogram,
}
