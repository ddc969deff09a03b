using System.Globalization;
using System.Text;

namespace Coxswain.Benchmarks;

/// <summary>What was to be reached, and whether it was: the worst first, and what was not measured last.</summary>
internal static class TargetsTable
{
    public static void Append(StringBuilder page, IReadOnlyList<Measurement> run)
    {
        page.Append(CultureInfo.InvariantCulture, $"""
            ## Targets

            {Summary(run)} Worst first: by how much of its limit a figure is. × eevdf is as below; other ratios are of two medians of this run.

            | target | scenario | scheduler | metric | figure | limit | |
            |---|---|---|---|---:|---:|---|

            """);
        foreach (TargetResult result in Sorted(run))
        {
            Target target = result.Target;
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {target.Promise} | {target.Scenario} | {target.Scheduler} | {target.Metric} | {(result.Figure is { } figure ? $"{Number(figure)} {target.Unit}" : "")} | {(target.IsFloor ? "≥" : "≤")} {Number(target.Limit)} | {result.Verdict} |\n");
        }

        page.Append('\n');
    }

    /// <summary>In a sentence.</summary>
    public static string Summary(IReadOnlyList<Measurement> run)
    {
        TargetResult[] results = [.. Sorted(run)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Of {results.Length} targets {results.Count(r => r.Share <= 1)} are reached, {results.Count(r => r.Share > 1)} missed, {results.Count(r => r.Share is null)} not measured in this run.");
    }

    private static IEnumerable<TargetResult> Sorted(IReadOnlyList<Measurement> run) =>
        Targets.All.Select(target => target.In(run)).OrderBy(result => result.Share is null).ThenByDescending(result => result.Share);

    // As many digits as are needed to see on which side of the limit it is.
    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
}
