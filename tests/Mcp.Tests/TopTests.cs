using System.Text.Json;
using Coxswain.Mcp.Commands.Remote;
using Coxswain.Mcp.Commands.Remote.Top;
using Coxswain.Mcp.Results;
using Spectre.Console;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What <c>coxswain top</c> shows, and what its keys do.</summary>
public sealed class TopTests
{
    private const string Status = """{"attached":true,"mode":"assist","policy":"deadline","kernel":{"release":"6.18","cpus":32},"active_changes":1}""";
    private const string Change = """{"change_id":"chg_1","class":"high","selector":"namespace web","threads":8,"by":"agent 7","expires_in_seconds":125}""";

    private static readonly LatencyResult s_latency = new()
    {
        AsOf = "2026-01-01T00:00:00Z",
        WindowSeconds = 10,
        Scheduler = "coxswain",
        Machine = Row("machine", 2000, 5000),
        ClassCpuSeconds = new Dictionary<string, double> { ["normal"] = 30, ["latency_critical"] = 10 },
        Pods = [Row("web/frontend-0", 50, 900) with { Class = TaskClass.High }, Row("batch/train-0", 1600, 40_000), Row("free5gc/upf-0", 20, 300) with { Class = TaskClass.LatencyCritical }],
        Tasks = [Row("nginx", 25, 800) with { Pid = 71, Pod = "web/frontend-0" }],
        Delayers = [],
    };

    [Fact]
    public void At_80_columns_and_24_lines_all_of_it_is_there_without_colour()
    {
        var lines = Screen(new TopState());
        Assert.Equal(23, lines.Length);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.StartsWith("coxswain  mode assist  policy deadline  Linux 6.18  32 CPUs", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("waits, last 10 s: p50 2.5 ms  p99 5 ms  longest 10 ms  busy: 20.0 CPUs", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("latency 25% high 0% normal 75% low 0% backgrnd 0% system 0% ", lines[2], StringComparison.Ordinal);
        Assert.Contains("P99▼", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("batch/train-0", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("20 ms    40 ms    80 ms", lines[4].TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("  2m05s left  high  for namespace web  8 threads  by agent 7", lines[21], StringComparison.Ordinal);
        Assert.StartsWith("q quit  Tab threads  l p99 u cpu c class n name  3 rows  / filter", lines[22], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("l", "batch/train-0")]
    [InlineData("u", "batch/train-0")]
    [InlineData("c", "free5gc/upf-0")]
    [InlineData("n", "batch/train-0")]
    [InlineData("t", "71 nginx web/frontend-0")]
    [InlineData("\t", "71 nginx web/frontend-0")]
    [InlineData("/FRONT\r", "web/frontend-0")]
    [InlineData("/zz\e", "batch/train-0")]
    [InlineData("/zz\b\b\r", "batch/train-0")]
    [InlineData("/qq\r", "nothing contains 'qq'")]
    public void Keys_sort_filter_and_switch(string keys, string first)
    {
        var state = new TopState();
        Press(state, keys);
        Assert.StartsWith(first, Screen(state)[4], StringComparison.Ordinal);
        Assert.False(state.IsOver);
    }

    [Fact]
    public void Q_ends_it_unless_it_is_part_of_a_filter()
    {
        var state = new TopState();
        Press(state, "/q");
        Assert.False(state.IsOver);
        Press(state, "\rq");
        Assert.True(state.IsOver);
    }

    [Fact]
    public void A_name_is_never_markup_and_a_long_one_is_cut()
    {
        var hostile = s_latency with { Pods = [Row("[red]x[/] [[[" + new string('y', 200), 1, 1)] };
        var line = Screen(new TopState(), hostile)[4];
        Assert.StartsWith("[red]x[/] [[[yyy", line, StringComparison.Ordinal);
        Assert.Contains("…", line, StringComparison.Ordinal);
        Assert.True(line.Length <= 80);
    }

    [Fact]
    public void What_cannot_be_observed_says_why() =>
        Assert.StartsWith("not observed: no BTF", Screen(new TopState(), s_latency with { Problem = "no BTF" })[1], StringComparison.Ordinal);

    [Fact]
    public void A_distribution_is_a_bar_for_each_doubling_with_its_share()
    {
        var output = new StringWriter();
        LatencyCommand.Print(s_latency with { Machine = Row("machine", 1, 10) with { Buckets = [[1.024, 2.048, 30], [4.096, 8.192, 10]] } }, "", output);
        var lines = output.ToString().Split('\n');
        Assert.Equal("machine: p50 5 µs, p99 10 µs, longest 20 µs", lines[2]);
        Assert.Matches("^<     2 µs   │█{45} +30  75.0 %$", lines[3]);
        Assert.EndsWith("┊", lines[4], StringComparison.Ordinal);
        Assert.Matches("^<     8 µs   │█{15} +10  25.0 %$", lines[5]);
    }

    [Fact]
    public void A_chain_is_a_tree_in_which_each_is_below_the_one_that_wakes_it()
    {
        var output = new StringWriter();
        ChainsCommand.Print(
            JsonElement.Parse("""
                {"chain":[{"pid":1,"command":"ue","wakeups_per_second":2,"wait_pct":10,"wait_mean_us":5,"woken_by_pid":3},
                {"pid":2,"command":"gnb","pod":"a/gnb","wakeups_per_second":2,"wait_pct":40,"wait_mean_us":1500,"woken_by_pid":1},
                {"pid":3,"command":"upf","wakeups_per_second":2,"wait_pct":50,"wait_mean_us":9,"woken_by_pid":2}],"include_pods":["a/gnb"]}
                """), output);
        var lines = output.ToString().Split('\n');
        Assert.StartsWith("ue (1) ", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^└ gnb \(2\) +a/gnb +2 +1\.5 ms +40 % ████$", lines[2]);
        Assert.StartsWith("  └ upf (3)", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_begins_where_nobody_wakes_whoever_was_asked_about()
    {
        var chain = JsonElement.Parse("""[{"pid":4,"woken_by_pid":3},{"pid":3,"woken_by_pid":2},{"pid":2},{"pid":7,"woken_by_pid":8},{"pid":8,"woken_by_pid":7}]""");
        Assert.Equal([(2, 0), (3, 1), (4, 2), (7, 0), (8, 1)], WakeTree.Of([.. chain.EnumerateArray()]).Select(one => (WakeTree.Pid(one.Process), one.Depth)));
    }

    private static LatencyRow Row(string name, double cpu, double p99) => new()
    {
        Name = name,
        CpuPct = cpu,
        WaitsPerSecond = 100,
        WaitUs = new WaitRow { P50 = p99 / 2, P90 = p99, P99 = p99, P999 = p99, Max = 2 * p99, Mean = p99 / 2 },
        Buckets = [],
    };

    private static string[] Screen(TopState state, LatencyResult? latency = null)
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 80;
        console.Write(TopScreen.Draw(new LatencySnapshot(JsonElement.Parse(Status), latency ?? s_latency, [JsonElement.Parse(Change)]), null, state, 80, 24));
        return output.ToString().TrimEnd('\n').Split('\n');
    }

    private static void Press(TopState state, string keys)
    {
        foreach (var key in keys)
        {
            var named = key switch
            {
                '\r' => ConsoleKey.Enter,
                '\e' => ConsoleKey.Escape,
                '\b' => ConsoleKey.Backspace,
                '\t' => ConsoleKey.Tab,
                _ => ConsoleKey.None,
            };
            state.Press(new ConsoleKeyInfo(key, named, shift: false, alt: false, control: false));
        }
    }
}
