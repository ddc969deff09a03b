using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Coxswain.Core.Tests;

/// <summary>What the README says was measured is what docs/benchmarks has, the output of one run of <c>make bench</c>.</summary>
public sealed partial class FiguresTests
{
    private const int Columns = 4;
    private static readonly string s_benchmarks = Path.GetDirectoryName(Repository.File("docs/benchmarks/bench.json"))!;
    private static readonly string[] s_section =
        [.. File.ReadLines(Repository.File("README.md")).SkipWhile(line => line != "## Measured").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];

    public static TheoryData<string, string, string, string> Quoted()
    {
        var rows = new TheoryData<string, string, string, string>();
        foreach (string line in s_section.Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            string[] cells = [.. line.Trim('|').Split('|').Select(cell => cell.Trim(' ', '`'))];
            Assert.Equal(Columns, cells.Length);
            rows.Add(cells[0], cells[1], cells[2], cells[3]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Quoted))]
    public void A_quoted_figure_is_one_that_was_measured(string scenario, string scheduler, string metric, string figure)
    {
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_benchmarks, "bench.json")));
        var measured = Assert.Single(
            run.RootElement.GetProperty("results").EnumerateArray(),
            result => result.GetProperty("scenario").ValueEquals(scenario) && result.GetProperty("scheduler").ValueEquals(scheduler) && result.GetProperty("metric").ValueEquals(metric));
        // Those have a decimal more, so that one of them may seem to be nearer to the next figure.
        Assert.Equal(measured.GetProperty("ratio_to_eevdf").GetDouble(), double.Parse(figure, CultureInfo.InvariantCulture), tolerance: 0.0055);
        var scenarioOfPage = File.ReadLines(Path.Combine(s_benchmarks, "benchmarks.md"))
            .SkipWhile(line => line != $"## {scenario}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        Assert.Contains(
            scenarioOfPage,
            line => line.StartsWith($"| {scheduler} | {metric} |", StringComparison.Ordinal) && line.EndsWith($"| {figure} |", StringComparison.Ordinal));
    }

    [Fact]
    public void Figures_stand_in_the_table_only() =>
        Assert.DoesNotContain(s_section, line => !line.StartsWith('|') && Digits().IsMatch(line));

    [Fact]
    public void The_page_is_of_the_same_run_as_the_figures_and_has_its_pictures()
    {
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_benchmarks, "bench.json")));
        string page = File.ReadAllText(Path.Combine(s_benchmarks, "benchmarks.md"));

        Assert.Contains($"{run.RootElement.GetProperty("date").GetString()}, commit {run.RootElement.GetProperty("commit").GetString()}", page, StringComparison.Ordinal);
        Assert.All(Picture().Matches(page), picture => Assert.True(File.Exists(Path.Combine(s_benchmarks, picture.Groups[1].Value)), picture.Value));
        Assert.All(
            run.RootElement.GetProperty("results").EnumerateArray(),
            result => Assert.Contains($"## {result.GetProperty("scenario").GetString()}\n", page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\d")]
    private static partial Regex Digits();

    [GeneratedRegex(@"!\[[^]]*\]\(([^)]+)\)")]
    private static partial Regex Picture();
}
