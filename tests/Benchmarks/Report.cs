using System.Globalization;
using System.Text.Json;

namespace Coxswain.Benchmarks;

/// <summary>artifacts/bench.json, and the same as a table.</summary>
internal static class Report
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    public static void Write(string file, Origin origin, IReadOnlyList<Measurement> measurements)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using FileStream stream = File.Create(file);
        using var json = new Utf8JsonWriter(stream, s_indented);
        json.WriteStartObject();
        json.WriteString("machine", origin.Machine);
        json.WriteString("kernel", origin.Kernel);
        json.WriteString("commit", origin.Commit);
        json.WriteString("date", origin.Date);
        json.WriteStartArray("results");
        foreach (Measurement m in measurements)
        {
            json.WriteStartObject();
            json.WriteString("scenario", m.Scenario);
            json.WriteString("scheduler", m.Scheduler);
            json.WriteString("metric", m.Metric);
            json.WriteString("unit", m.Unit);
            json.WriteNumber("median", Rounded(m.Median));
            json.WriteNumber("ci_low", Rounded(m.CiLow));
            json.WriteNumber("ci_high", Rounded(m.CiHigh));
            if (m.RatioToEevdf is { } ratio)
            {
                json.WriteNumber("ratio_to_eevdf", Rounded(ratio));
            }
            else
            {
                json.WriteNull("ratio_to_eevdf");
            }
            json.WriteNumber("samples", m.Samples.Length);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Print(IReadOnlyCollection<Measurement> measurements)
    {
        int width = measurements.Select(m => m.Scenario.Length).Append(34).Max() + 2;
        Console.WriteLine($"{"scenario".PadRight(width)}{"scheduler",-22}{"metric",-20}{"median",12}{"95 % from",12}{"to",12}{"/eevdf",8}  unit");
        foreach (Measurement m in measurements)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{m.Scenario.PadRight(width)}{m.Scheduler,-22}{m.Metric,-20}{m.Median,12:0.0#}{m.CiLow,12:0.0#}{m.CiHigh,12:0.0#}{m.RatioToEevdf,8:0.00}  {m.Unit}"));
        }
    }

    private static double Rounded(double value) => Math.Round(value, 3);
}
