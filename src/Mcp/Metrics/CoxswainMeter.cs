using System.Diagnostics.Metrics;
using Coxswain.Mcp.Protocol;

namespace Coxswain.Mcp.Metrics;

/// <summary>The same metrics for OpenTelemetry.</summary>
/// <remarks>Its instruments take no ready distributions, which come from the kernel: of each there are sum and count; /metrics has all of it.</remarks>
internal sealed class CoxswainMeter : IDisposable
{
    public const string Name = "Coxswain";

    private readonly Meter _meter = new(Name, ToolServer.Version);
    private readonly MetricsCollector _collector;

    public CoxswainMeter(MetricsCollector collector)
    {
        _collector = collector;
        // What there is does not depend on what is measured.
        foreach (var definition in collector.Collect().Select(family => family.Definition))
        {
            Create(definition);
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Create(MetricDefinition definition)
    {
        var (name, unit) = (definition.TelemetryName, definition.Unit);
        switch (definition.Kind)
        {
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(name, () => Measure(definition, sample => sample.Value), unit, definition.Help);
                break;
            case MetricKind.Counter:
                _meter.CreateObservableCounter(name, () => Measure(definition, sample => sample.Value), unit, definition.Help);
                break;
            default:
                _meter.CreateObservableCounter($"{name}.sum", () => Measure(definition, sample => sample.Value), unit, $"{definition.Help} All added up.");
                _meter.CreateObservableCounter($"{name}.count", () => Measure(definition, sample => sample.Count), "", $"{definition.Help} How many.");
                break;
        }
    }

    private List<Measurement<double>> Measure(MetricDefinition definition, Func<MetricSample, double> value)
    {
        var family = _collector.Collect().FirstOrDefault(family => family.Definition.Name == definition.Name);
        return [.. (family?.Samples ?? []).Select(sample => new Measurement<double>(
            value(sample), sample.Labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value))))];
    }
}
