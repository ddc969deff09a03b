using System.Text.Json;

namespace Coxswain.Benchmarks;

/// <summary>What <c>coxswain-guest bench</c> printed: workloads measured under several schedulers of one boot.</summary>
/// <param name="Kernel">As uname -r says it.</param>
/// <param name="Cpus">CPUs of the machine that it ran on.</param>
/// <param name="Accelerator">What that machine's CPUs are: kvm, tcg (emulated), icount (emulated, its clock counts instructions); empty: real ones.</param>
/// <param name="Measurements">A measurement for each scenario, scheduler and metric.</param>
internal sealed record GuestSamples(string Kernel, int Cpus, string Accelerator, IReadOnlyList<Measurement> Measurements)
{
    private const string Baseline = "eevdf";

    /// <exception cref="InvalidDataException">The file is not such an output.</exception>
    public static GuestSamples Read(string file)
    {
        string? kernel = null;
        string accelerator = "";
        int cpus = 0;
        var values = new Dictionary<(string Scenario, string Scheduler, string Metric, string Unit), SortedDictionary<int, double>>();
        foreach (string line in File.ReadLines(file).Where(l => l.StartsWith('{')))
        {
            try
            {
                JsonElement json = JsonElement.Parse(line);
                if (json.TryGetProperty("kernel", out JsonElement release))
                {
                    kernel = release.GetString();
                    cpus = json.GetProperty("cpus").GetInt32();
                    accelerator = Text(json, "accelerator");
                    continue;
                }
                var key = (Text(json, "scenario"), Text(json, "scheduler"), Text(json, "metric"), Text(json, "unit"));
                if (!values.TryGetValue(key, out SortedDictionary<int, double>? ofRepetitions))
                {
                    values[key] = ofRepetitions = [];
                }
                ofRepetitions[json.GetProperty("repetition").GetInt32()] = json.GetProperty("value").GetDouble();
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InvalidDataException($"{file}: not a line of `coxswain-guest bench`: {line}", e);
            }
        }
        if (kernel is null || values.Count == 0)
        {
            throw new InvalidDataException($"{file}: no output of `coxswain-guest bench`");
        }
        return new GuestSamples(kernel, cpus, accelerator,
        [
            .. values.Select(v => new Measurement(v.Key.Scenario, v.Key.Scheduler, v.Key.Metric, v.Key.Unit, [.. v.Value.Values])
            {
                RatioToEevdf = values.TryGetValue(v.Key with { Scheduler = Baseline }, out SortedDictionary<int, double>? baseline) ? Ratio(v.Value, baseline) : null,
            }),
        ]);
    }

    /// <summary>Median of the ratios within each repetition: what drifts from one to the next is in both.</summary>
    private static double? Ratio(SortedDictionary<int, double> values, SortedDictionary<int, double> baseline)
    {
        double[] ratios = [.. values.Where(v => baseline.TryGetValue(v.Key, out double of) && of != 0).Select(v => v.Value / baseline[v.Key]).Order()];
        return ratios.Length == 0 ? null : (ratios[(ratios.Length - 1) / 2] + ratios[ratios.Length / 2]) / 2;
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
