using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Coxswain.Mcp.Commands.Remote;
using Coxswain.Mcp.Commands.Remote.Reports;
using Coxswain.Mcp.Results;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>The page that <c>coxswain report</c> writes.</summary>
public sealed partial class ReportTests
{
    private const string Hostile = "</title></svg><script>alert('x')</script>\" onload=\"alert(1) & 中";

    [Fact]
    public void Whatever_things_are_called_each_picture_is_well_formed_and_nothing_can_be_run()
    {
        var page = HtmlReport.Write(Snapshot(Hostile), [(Hostile, Chain(Hostile))]);
        var pictures = Pictures().Matches(page).Select(match => XElement.Parse(match.Value)).ToList();
        Assert.Equal(5, pictures.Count); // machine, pod, delayers, chain, changes
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(pictures.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.Contains(pictures.Descendants("title"), title => title.Value.Contains(Hostile, StringComparison.Ordinal));
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_distribution_has_a_bar_for_each_bucket_as_tall_as_its_share()
    {
        var picture = XElement.Parse(ReportPictures.Distribution(Row("x") with { Buckets = [[1.024, 2.048, 30], [2.048, 4.096, 60], [1024, 2048, 10]] }, 480, 170));
        var bars = picture.Elements("rect").Select(bar => (X: (double)bar.Attribute("x")!, Height: (double)bar.Attribute("height")!)).ToList();
        Assert.Equal(3, bars.Count);
        Assert.Equal(0.5, bars[0].Height / bars[1].Height, tolerance: 0.01);
        Assert.True(bars[2].X > bars[1].X + 100);
        Assert.Contains("1 µs to 2 µs: 30 waits, 30.0 %", picture.Descendants("title").Select(title => title.Value));
    }

    [Fact]
    public void In_a_chain_each_is_below_the_one_that_wakes_it_and_what_comes_back_is_dashed()
    {
        var picture = XElement.Parse(ReportPictures.Chain([.. Chain("p").GetProperty("chain").EnumerateArray()]));
        var boxes = picture.Elements("rect").Select(box => (double)box.Attribute("y")!).ToList();
        Assert.Equal(boxes.Order(), boxes);
        Assert.Equal(3, boxes.Distinct().Count());
        Assert.Equal((4, 2), (picture.Elements("path").Count(path => path.Attribute("class")!.Value.StartsWith("edge", StringComparison.Ordinal) && !path.Attribute("class")!.Value.Contains("back", StringComparison.Ordinal)),
            picture.Elements("path").Count(path => path.Attribute("class")!.Value.StartsWith("edge back", StringComparison.Ordinal))));
    }

    [Fact]
    public void What_there_is_nothing_of_is_said()
    {
        var latency = Snapshot("x").Latency with { Pods = [], Delayers = [], Tasks = [], Machine = Row("machine") with { WaitUs = null, Buckets = [] } };
        var page = HtmlReport.Write(Snapshot("x") with { Latency = latency, Changes = [] }, []);
        Assert.Contains("nobody waited", page, StringComparison.Ordinal);
        Assert.Contains("None.", page, StringComparison.Ordinal);
        Assert.Contains("No pod that was looked at works together with others.", page, StringComparison.Ordinal);
    }

    private static LatencySnapshot Snapshot(string name) => new(
        JsonElement.Parse("""{"attached":true,"mode":"assist","policy":"deadline","kernel":{"release":"6.18","cpus":4}}"""),
        new LatencyResult
        {
            AsOf = "2026-01-01T00:00:00Z",
            WindowSeconds = 10,
            Scheduler = "coxswain",
            Machine = Row("machine"),
            ClassCpuSeconds = new Dictionary<string, double>(),
            Pods = [Row(name)],
            Tasks = [Row(name) with { Pid = 7, Pod = name }],
            Delayers = [new DelayerRow { Workload = name, Kind = "user", DelayedMs = 1500, SharePct = 40, Pids = [] }],
        },
        [JsonElement.Parse($$"""{"change_id":"chg_1","class":"high","selector":{{Quoted(name)}},"threads":8,"by":{{Quoted(name)}},"reason":{{Quoted(name)}},"expires_in_seconds":60,"ttl_seconds":600}""")]);

    private static JsonElement Chain(string name) => JsonElement.Parse($$"""
        {"chain":[{"pid":1,"command":{{Quoted(name)}},"pod":{{Quoted(name)}},"target":true,"wakeups_per_second":2,"wait_mean_us":5,"woken_by_pid":3},
        {"pid":2,"command":"b","wakeups_per_second":2,"wait_mean_us":1500,"woken_by_pid":1},
        {"pid":3,"command":"c","unit":"c.service","wakeups_per_second":2,"wait_mean_us":9,"woken_by_pid":2}]}
        """);

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static LatencyRow Row(string name) => new()
    {
        Name = name,
        CpuPct = 10,
        WaitsPerSecond = 100,
        WaitUs = new WaitRow { P50 = 5, P90 = 10, P99 = 20, P999 = 30, Max = 40, Mean = 6 },
        Buckets = [[4.096, 8.192, 1000]],
    };

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Pictures();
}
