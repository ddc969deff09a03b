using System.Globalization;
using System.Text;

namespace Coxswain.Benchmarks;

/// <summary>The results as a page for people: benchmarks.md, and a picture for each scenario of schedulers beside it.</summary>
internal static class Pages
{
    private const string Baseline = "eevdf";

    public static void Write(string directory, Origin origin, IReadOnlyList<Measurement> measurements)
    {
        Directory.CreateDirectory(directory);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Written by `make bench` on {origin.Date}, commit {origin.Commit}, Linux {origin.Kernel}, {origin.Machine}.

            Medians, and in brackets the 95 % confidence interval of the median (the range, where there are few samples). "× eevdf" is the median of the
            ratios within each repetition; below 1 is better for times, above 1 for throughput. In an emulated machine (TCG) absolute times mean nothing:
            only ratios of one run do. What each scenario is: docs/testing.md, Benchmarks.


            """);
        foreach (IGrouping<string, Measurement> scenario in measurements.GroupBy(m => m.Scenario))
        {
            page.Append(CultureInfo.InvariantCulture, $"## {scenario.Key}\n\n");
            if (Chart.Of(scenario.Key, [.. scenario]) is { } picture)
            {
                string name = $"{scenario.Key}.svg";
                File.WriteAllText(Path.Combine(directory, name), picture);
                page.Append(CultureInfo.InvariantCulture, $"![{scenario.Key}]({name})\n\n");
            }
            Table(page, [.. scenario]);
        }
        File.WriteAllText(Path.Combine(directory, "benchmarks.md"), page.ToString());
    }

    private static void Table(StringBuilder page, Measurement[] measurements)
    {
        bool isCompared = measurements.Any(m => m.RatioToEevdf is not null);
        page.Append(isCompared ? "| scheduler | metric | median | | × eevdf |\n|---|---|---:|---|---:|\n" : "| | metric | median | |\n|---|---|---:|---|\n");
        foreach (Measurement m in measurements.OrderBy(m => m.Metric, StringComparer.Ordinal).ThenBy(m => m.Scheduler != Baseline).ThenBy(m => m.Scheduler, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {m.Scheduler} | {m.Metric} | {Number(m.Median)} {m.Unit} | [{Number(m.CiLow)}, {Number(m.CiHigh)}] |");
            page.Append(isCompared ? string.Create(CultureInfo.InvariantCulture, $" {m.RatioToEevdf:0.00} |\n") : "\n");
        }
        page.Append('\n');
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 1000 => "N0", >= 10 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);
}
