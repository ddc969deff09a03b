using System.Globalization;
using System.Text;

namespace Coxswain.Benchmarks;

/// <summary>The results as a page for people: benchmarks.md, and a picture for each scenario of schedulers beside it.</summary>
internal static class Pages
{
    private const string Baseline = "eevdf";

    // Less is no difference to act upon.
    private const double Noticeable = 0.1;

    public static void Write(string directory, Origin origin, IReadOnlyList<Measurement> measurements)
    {
        Directory.CreateDirectory(directory);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Written by `make bench` on {origin.Date}, commit {origin.Commit}, Linux {origin.Kernel}, {origin.Machine}{Took(measurements)}.

            Medians of n samples, and in brackets the 95 % confidence interval of the median (the range, where there are few samples). {Intervals(measurements)}
            "× eevdf" is the median of the ratios within each repetition; below 1 is better for times, above 1 for throughput. In an emulated machine absolute times mean
            nothing: only ratios of one run do. Where a clock counts instructions, two runs differ by little, and what memory and caches cost is not in it.
            What won, what lost and why: docs/benchmarks.md. What each scenario is: docs/testing.md, Benchmarks. What others have published of their schedulers: docs/benchmarks/others.md.


            """);
        TargetsTable.Append(page, measurements);
        Compare(page, measurements);
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

    /// <summary>As many digits as say something.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 1000 => "N0", >= 10 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);

    private static string Took(IReadOnlyList<Measurement> measurements) =>
        measurements.FirstOrDefault(m => m.Metric == Targets.Duration) is { } run ? string.Create(CultureInfo.InvariantCulture, $"; all of it took {run.Median:0} s") : "";

    private static string Intervals(IReadOnlyList<Measurement> measurements)
    {
        int single = measurements.Count(m => !m.HasInterval);
        return single == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"""
            {single} of {measurements.Count} figures have
            none, as n is 1: how far they vary this run does not show. They are counts and maxima, and workloads that ran once, as they do in a quick run
            whose clock counts instructions (without QUICK=1: three times).
            """);
    }

    // What lost stands as plainly as what won.
    private static void Compare(StringBuilder page, IReadOnlyList<Measurement> measurements)
    {
        Measurement[] ours = [.. measurements.Where(m => m.RatioToEevdf is not null && m.Unit.Length > 0 && m.Scheduler.StartsWith(Measurement.Ours, StringComparison.Ordinal))];
        if (ours.Length == 0)
        {
            return;
        }
        Measurement[] better = [.. ours.Where(m => Gain(m) > 1 + Noticeable).OrderByDescending(Gain)];
        Measurement[] worse = [.. ours.Where(m => 1 / Gain(m) > 1 + Noticeable).OrderBy(Gain)];
        page.Append(CultureInfo.InvariantCulture, $"## Beside EEVDF\n\nOf {ours.Length} figures {better.Length} are better by more than a tenth, {worse.Length} worse, the others in between.\n\n");
        List(page, "Worse", worse);
        List(page, "Better", better);
    }

    private static void List(StringBuilder page, string title, Measurement[] measurements)
    {
        page.Append(CultureInfo.InvariantCulture, $"### {title}\n\n| scenario | scheduler | metric | × eevdf |\n|---|---|---|---:|\n");
        foreach (Measurement m in measurements)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {m.Scenario} | {m.Scheduler} | {m.Metric} | {m.RatioToEevdf:0.00} |\n");
        }
        page.Append('\n');
    }

    // Of throughput more is better, of time less.
    private static double Gain(Measurement m) => m.IsMoreBetter ? m.RatioToEevdf!.Value : 1 / m.RatioToEevdf!.Value;

    private static void Table(StringBuilder page, Measurement[] measurements)
    {
        bool isCompared = measurements.Any(m => m.RatioToEevdf is not null);
        page.Append(isCompared ? "| scheduler | metric | median | | n | × eevdf |\n|---|---|---:|---|---:|---:|\n" : "| | metric | median | | n |\n|---|---|---:|---|---:|\n");
        foreach (Measurement m in measurements.OrderBy(m => m.Metric, StringComparer.Ordinal).ThenBy(m => m.Scheduler != Baseline).ThenBy(m => m.Scheduler, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {m.Scheduler} | {m.Metric} | {Number(m.Median)} {m.Unit} | {Interval(m)} | {m.SampleCount} |");
            page.Append(isCompared ? string.Create(CultureInfo.InvariantCulture, $" {m.RatioToEevdf:0.00} |\n") : "\n");
        }
        page.Append('\n');
    }

    // Of one sample there is none.
    private static string Interval(Measurement m) => !m.HasInterval ? "" : $"[{Number(m.CiLow)}, {Number(m.CiHigh)}]";
}
