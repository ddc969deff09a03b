using System.Globalization;
using System.Text.Json;

namespace Coxswain.Benchmarks;

/// <summary>artifacts/bench.json, and the same as a table.</summary>
internal static class Report
{
    /// <summary>More than pages show, so that those that are made of stored results show the same.</summary>
    private const int RatioDigits = 5;

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
                json.WriteNumber("ratio_to_eevdf", Math.Round(ratio, RatioDigits));
            }
            else
            {
                json.WriteNull("ratio_to_eevdf");
            }
            json.WriteNumber("samples", m.SampleCount);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public static (Origin Origin, IReadOnlyList<Measurement> Measurements) Read(string file)
    {
        try
        {
            JsonElement run = JsonElement.Parse(File.ReadAllBytes(file));
            return (new Origin(Text(run, "machine"), Text(run, "kernel"), Text(run, "commit"), Text(run, "date")),
            [
                .. run.GetProperty("results").EnumerateArray().Select(m => new Measurement(
                    Text(m, "scenario"), Text(m, "scheduler"), Text(m, "metric"), Text(m, "unit"), Number(m, "median"), Number(m, "ci_low"), Number(m, "ci_high"),
                    m.GetProperty("samples").GetInt32())
                {
                    RatioToEevdf = m.GetProperty("ratio_to_eevdf") is { ValueKind: JsonValueKind.Number } ratio ? ratio.GetDouble() : null,
                }),
            ]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}: not results of a run", e);
        }

        static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";

        static double Number(JsonElement of, string name) => of.GetProperty(name).GetDouble();
    }

    public static void Print(IReadOnlyList<Measurement> measurements)
    {
        int width = measurements.Select(m => m.Scenario.Length).Append(34).Max() + 2;
        Console.WriteLine($"{"scenario".PadRight(width)}{"scheduler",-22}{"metric",-20}{"median",12}{"95 % from",12}{"to",12}{"/eevdf",8}  unit");
        foreach (Measurement m in measurements)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{m.Scenario.PadRight(width)}{m.Scheduler,-22}{m.Metric,-20}{m.Median,12:0.0#}{m.CiLow,12:0.0#}{m.CiHigh,12:0.0#}{m.RatioToEevdf,8:0.00}  {m.Unit}"));
        }

        Console.WriteLine(TargetsTable.Summary(measurements));
    }

    private static double Rounded(double value) => Math.Round(value, 3);
}
