using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Coxswain.Benchmarks;

/// <summary>artifacts/bench.json, and the same as a table.</summary>
internal static class Report
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    public static void Write(string file, IReadOnlyList<Measurement> measurements)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using FileStream stream = File.Create(file);
        using var json = new Utf8JsonWriter(stream, s_indented);
        json.WriteStartObject();
        json.WriteString("machine", Machine());
        json.WriteString("kernel", File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        json.WriteString("commit", Commit());
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

    public static void Print(IEnumerable<Measurement> measurements)
    {
        Console.WriteLine($"{"scenario",-26}{"scheduler",-22}{"metric",-20}{"median",10}{"95 % from",12}{"to",10}  unit");
        foreach (Measurement m in measurements)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{m.Scenario,-26}{m.Scheduler,-22}{m.Metric,-20}{m.Median,10:0.0}{m.CiLow,12:0.0}{m.CiHigh,10:0.0}  {m.Unit}"));
        }
    }

    private static double Rounded(double value) => Math.Round(value, 3);

    private static string Machine()
    {
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown CPU";
        return $"{model}, {Environment.ProcessorCount} CPUs, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB";
    }

    private static string Commit()
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string commit = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
