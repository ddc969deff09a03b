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
    private static readonly string s_benchmarks = Path.GetDirectoryName(Repository.File("docs/benchmarks/bench.json"))!;
    private static readonly string[] s_section =
        [.. File.ReadLines(Repository.File("README.md")).SkipWhile(line => line != "## Measured").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];

    public static TheoryData<string> Pictures => [.. Directory.GetFiles(s_benchmarks, "*.svg").Select(file => Path.GetFileName(file))];

    public static TheoryData<string, string, string, string> Quoted() => Rows(s_section);

    public static TheoryData<string, string, string, string> CostsOfArchitecture() => Rows(
        File.ReadLines(Repository.File("docs/architecture.md")).SkipWhile(line => line != "| scenario | scheduler | metric | cost |").TakeWhile(line => line.StartsWith('|')));

    [Theory]
    [MemberData(nameof(Quoted))]
    public void A_quoted_figure_is_one_that_was_measured(string scenario, string scheduler, string metric, string figure)
    {
        var measured = Measured(scenario, scheduler, metric);
        // Those have a decimal more, so that one of them may seem to be nearer to the next figure.
        Assert.Equal(measured.GetProperty("ratio_to_eevdf").GetDouble(), double.Parse(figure, CultureInfo.InvariantCulture), tolerance: 0.0055);
        var scenarioOfPage = File.ReadLines(Path.Combine(s_benchmarks, "benchmarks.md"))
            .SkipWhile(line => line != $"## {scenario}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        Assert.Contains(
            scenarioOfPage,
            line => line.StartsWith($"| {scheduler} | {metric} |", StringComparison.Ordinal) && line.EndsWith($"| {figure} |", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(CostsOfArchitecture))]
    public void A_cost_in_the_architecture_is_one_that_was_measured(string scenario, string scheduler, string metric, string cost)
    {
        var measured = Measured(scenario, scheduler, metric);
        string[] parts = cost.Split(' ');
        Assert.Equal(measured.GetProperty("unit").GetString(), parts[1]);
        // As many digits as the page shows.
        double quoted = double.Parse(parts[0], CultureInfo.InvariantCulture);
        Assert.Equal(measured.GetProperty("median").GetDouble(), quoted, tolerance: Math.Max(0.06, quoted / 1000));
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
            double? share = cells[4].Length == 0 ? null : cells[5][0] == '≥' ? limit / Number(cells[4]) : Number(cells[4]) / limit;
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

    private static TheoryData<string, string, string, string> Rows(IEnumerable<string> lines)
    {
        var rows = new TheoryData<string, string, string, string>();
        foreach (string line in lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            string[] cells = [.. line.Trim('|').Split('|').Select(cell => cell.Trim(' ', '`'))];
            Assert.Equal(Columns, cells.Length);
            rows.Add(cells[0], cells[1], cells[2], cells[3]);
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
