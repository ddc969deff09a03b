using System.Globalization;
using System.Text;

namespace Coxswain.Mcp.Metrics;

/// <summary>Writes metrics in the text format of Prometheus, 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes those that have a value.</summary>
    public static string Write(IReadOnlyList<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var (definition, samples) in families)
        {
            if (samples.Count == 0)
            {
                continue;
            }

            text.Append("# HELP ").Append(definition.Name).Append(' ').Append(Escaped(definition.Help, quotes: false)).Append('\n');
            text.Append("# TYPE ").Append(definition.Name).Append(' ').Append(definition.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var sample in samples)
            {
                if (definition.Kind == MetricKind.Histogram)
                {
                    AppendHistogram(text, definition.Name, sample);
                }
                else
                {
                    Append(text, definition.Name, sample.Labels, sample.Value);
                }
            }
        }

        return text.ToString();
    }

    private static void AppendHistogram(StringBuilder text, string name, MetricSample sample)
    {
        foreach (var (upTo, count) in sample.Buckets)
        {
            Append(text, $"{name}_bucket", [.. sample.Labels, ("le", Number(upTo))], count);
        }

        Append(text, $"{name}_bucket", [.. sample.Labels, ("le", "+Inf")], sample.Count);
        Append(text, $"{name}_sum", sample.Labels, sample.Value);
        Append(text, $"{name}_count", sample.Labels, sample.Count);
    }

    private static void Append(StringBuilder text, string name, IReadOnlyList<(string Name, string Value)> labels, double value)
    {
        text.Append(name);
        for (var i = 0; i < labels.Count; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"").Append(Escaped(labels[i].Value, quotes: true)).Append('"');
        }

        text.Append(labels.Count > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escaped(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
