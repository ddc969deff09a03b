using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Coxswain.Core.Tests;

/// <summary>What the documents say was measured is what docs/benchmarks has, the output of one run of <c>make bench</c>.</summary>
public sealed partial class FiguresTests
{
    private const int Columns = 4;
    private const int TargetColumns = 7;
    private const double Noteworthy = 2;
    private const string Summary = "docs/benchmarks.md";
    private static readonly string s_benchmarks = Path.GetDirectoryName(Repository.File("docs/benchmarks/bench.json"))!;
    private static readonly string[] s_section =
        [.. File.ReadLines(Repository.File("README.md")).SkipWhile(line => line != "## Measured").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];

    public static TheoryData<string> Pictures => [.. Directory.GetFiles(s_benchmarks, "*.svg").Select(file => Path.GetFileName(file))];

    /// <summary>Documents that quote figures in tables of scenario, scheduler, metric and figure.</summary>
    public static TheoryData<string> Documents => ["README.md", "docs/architecture.md", Summary];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_quoted_figure_is_one_that_was_measured(string document)
    {
        string[] page = File.ReadAllLines(Path.Combine(s_benchmarks, "benchmarks.md"));
        Assert.NotEmpty(Rows(document));
        Assert.All(Rows(document), row =>
        {
            var measured = Measured(row.Scenario, row.Scheduler, row.Metric);
            if (row.IsRatio)
            {
                // Those have a decimal more, so that one of them may seem to be nearer to the next figure.
                Assert.Equal(measured.GetProperty("ratio_to_eevdf").GetDouble(), double.Parse(row.Figure, CultureInfo.InvariantCulture), tolerance: 0.0055);
                var scenario = page.SkipWhile(line => line != $"## {row.Scenario}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
                Assert.Contains(
                    scenario,
                    line => line.StartsWith($"| {row.Scheduler} | {row.Metric} |", StringComparison.Ordinal) && line.EndsWith($"| {row.Figure} |", StringComparison.Ordinal));
            }
            else
            {
                string[] parts = row.Figure.Split(' ', 2);
                Assert.Equal(measured.GetProperty("unit").GetString(), parts.ElementAtOrDefault(1) ?? "");
                // As many digits as the page shows.
                double quoted = double.Parse(parts[0], CultureInfo.InvariantCulture);
                Assert.Equal(measured.GetProperty("median").GetDouble(), quoted, tolerance: Math.Max(0.06, quoted / 1000));
            }
        });
    }

    [Fact]
    public void What_took_twice_as_long_as_with_the_kernels_scheduler_is_said_to_have_lost()
    {
        using var run = Run();
        var lost = run.RootElement.GetProperty("results").EnumerateArray()
            .Where(result => result.GetProperty("scheduler").GetString()!.StartsWith("coxswain_", StringComparison.Ordinal)
                             && result.GetProperty("ratio_to_eevdf").ValueKind == JsonValueKind.Number
                             && result.GetProperty("unit").GetString()!.Length > 0 && Loss(result) > Noteworthy)
            .Select(result => result.GetProperty("scenario").GetString()!).Distinct();
        var said = Rows(Summary, section: "## What lost").Select(row => row.Scenario).ToHashSet();
        Assert.All(lost, scenario => Assert.Contains(scenario, said));

        static double Loss(JsonElement result)
        {
            double ratio = result.GetProperty("ratio_to_eevdf").GetDouble();
            return result.GetProperty("unit").GetString()!.EndsWith("/s", StringComparison.Ordinal) ? 1 / ratio : ratio;
        }
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void A_picture_shows_what_was_measured_and_no_exception(string picture)
    {
        string svg = File.ReadAllText(Path.Combine(s_benchmarks, picture));
        Assert.DoesNotContain("exception", svg, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("is better)", svg, StringComparison.Ordinal);
        using var run = Run();
        var schedulers = run.RootElement.GetProperty("results").EnumerateArray()
            .Where(result => result.GetProperty("scenario").ValueEquals(Path.GetFileNameWithoutExtension(picture)))
            .Select(result => result.GetProperty("scheduler").GetString()!).Distinct();
        Assert.NotEmpty(schedulers);
        Assert.All(schedulers, scheduler => Assert.Contains($">{scheduler}<", svg, StringComparison.Ordinal));
    }

    [Fact]
    public void The_targets_are_judged_by_their_figures_the_worst_first()
    {
        string[][] targets =
        [
            .. File.ReadLines(Path.Combine(s_benchmarks, "benchmarks.md"))
                .SkipWhile(line => line != "## Targets").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
                .Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
        ];
        Assert.NotEmpty(targets);
        var shares = targets.Select(cells =>
        {
            Assert.Equal(TargetColumns, cells.Length);
            double limit = Number(cells[5][1..]);
            double? figure = cells[4].Length == 0 ? null : Number(cells[4]);
            // Of what may not be at all there is no share.
            double? share = figure == limit ? figure == 0 ? 0 : 1 : cells[5][0] == '≥' ? limit / figure : figure / limit;
            // At the limit the digits that are shown do not tell.
            Assert.True(
                cells[6] == (share switch { null => "not measured in this run", <= 1 => "reached", _ => "**missed**" }) || Math.Abs(share!.Value - 1) < 0.01,
                string.Join(" | ", cells));
            return share ?? 0;
        }).ToList();
        Assert.All(shares.Zip(shares.Skip(1)), pair => Assert.True(pair.First >= pair.Second - 0.01, $"{pair.First} before {pair.Second}"));

        static double Number(string text) => double.Parse(text.Trim().Split(' ')[0], NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Figures_stand_in_the_table_only() =>
        Assert.DoesNotContain(s_section, line => !line.StartsWith('|') && Digits().IsMatch(line));

    [Fact]
    public void The_page_is_of_the_same_run_as_the_figures_and_has_its_pictures()
    {
        using var run = Run();
        string page = File.ReadAllText(Path.Combine(s_benchmarks, "benchmarks.md"));

        Assert.Contains($"{run.RootElement.GetProperty("date").GetString()}, commit {run.RootElement.GetProperty("commit").GetString()}", page, StringComparison.Ordinal);
        Assert.All(Picture().Matches(page), picture => Assert.True(File.Exists(Path.Combine(s_benchmarks, picture.Groups[1].Value)), picture.Value));
        Assert.All(
            run.RootElement.GetProperty("results").EnumerateArray(),
            result => Assert.Contains($"## {result.GetProperty("scenario").GetString()}\n", page, StringComparison.Ordinal));
    }

    private static List<(string Scenario, string Scheduler, string Metric, string Figure, bool IsRatio)> Rows(string document, string? section = null)
    {
        var rows = new List<(string, string, string, string, bool)>();
        string heading = "";
        string? column = null;
        foreach (string line in File.ReadLines(Repository.File(document)))
        {
            heading = line.StartsWith("## ", StringComparison.Ordinal) ? line : heading;
            string[] cells = [.. line.Trim('|').Split('|').Select(cell => cell.Trim(' ', '`'))];
            bool isTable = line.StartsWith('|') && cells.Length == Columns;
            if (isTable && cells[..3] is ["scenario", "scheduler", "metric"])
            {
                column = cells[3];
            }
            else if (isTable && column is not null && line.StartsWith("| `", StringComparison.Ordinal) && (section is null || heading == section))
            {
                rows.Add((cells[0], cells[1], cells[2], cells[3], column == "× EEVDF"));
            }
            else if (!line.StartsWith('|'))
            {
                column = null;
            }
        }

        return rows;
    }

    private static JsonDocument Run() => JsonDocument.Parse(File.ReadAllText(Path.Combine(s_benchmarks, "bench.json")));

    private static JsonElement Measured(string scenario, string scheduler, string metric)
    {
        using var run = Run();
        return Assert.Single(
            run.RootElement.GetProperty("results").EnumerateArray(),
            result => result.GetProperty("scenario").ValueEquals(scenario) && result.GetProperty("scheduler").ValueEquals(scheduler) && result.GetProperty("metric").ValueEquals(metric)).Clone();
    }

    [GeneratedRegex(@"\d")]
    private static partial Regex Digits();

    [GeneratedRegex(@"!\[[^]]*\]\(([^)]+)\)")]
    private static partial Regex Picture();
}
