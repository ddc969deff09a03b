using System.Globalization;
using System.Text.Json;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Commands.Remote.Reports;

/// <summary>The pictures of a report.</summary>
internal static class ReportPictures
{
    private const int LabelLength = 34;
    private const double FirstUs = 0.512;
    private const int Doublings = 24;

    /// <summary>A distribution of waits: share of all by time, in doublings.</summary>
    public static string Distribution(LatencyRow row, double width, double height)
    {
        const double left = 56, bottom = 34, top = 8;
        var picture = new SvgPicture(width, height, $"Distribution of waits of {row.Name}");
        var total = row.Buckets.Sum(bucket => bucket[2]);
        var most = row.Buckets.Select(bucket => bucket[2] / total).DefaultIfEmpty(1).Max();
        var (plotWidth, plotHeight) = (width - left - 8, height - bottom - top);
        double X(double us) => left + (plotWidth * Math.Clamp(Math.Log2(Math.Max(us, FirstUs) / FirstUs) / Doublings, 0, 1));
        foreach (var share in (double[])[0, 0.5, 1])
        {
            var y = top + (plotHeight * (1 - share));
            picture.Line(left, y, width - 8, y, "grid").Text(left - 6, y + 4, string.Create(CultureInfo.InvariantCulture, $"{100 * share * most:0.#} %"), "muted", "end");
        }

        foreach (var bucket in row.Buckets)
        {
            var share = bucket[2] / total;
            var (from, to) = (X(bucket[0]), X(bucket[1]));
            var tall = Math.Max(1, plotHeight * share / most);
            picture.Rectangle(from + 1, top + plotHeight - tall, to - from - 2, tall, "bar", string.Create(CultureInfo.InvariantCulture,
                $"{TextChart.Time(bucket[0])} to {TextChart.Time(bucket[1])}: {bucket[2]:0} waits, {100 * share:0.0} %"));
        }

        foreach (var us in (double[])[1, 10, 100, 1000, 10_000, 100_000, 1_000_000])
        {
            picture.Line(X(us), top + plotHeight, X(us), top + plotHeight + 4, "axis").Text(X(us), top + plotHeight + 17, TextChart.Time(us), "muted", "middle");
        }

        if (row.WaitUs is { } wait)
        {
            picture.Line(X(wait.P99), top, X(wait.P99), top + plotHeight, "mark").Text(X(wait.P99) - 4, top + 10, "p99", "marked", "end");
        }

        return picture.Text(left + (plotWidth / 2), height - 3, "wait for a CPU", "muted", "middle").ToString();
    }

    /// <summary>Who ran while others waited.</summary>
    public static string Delayers(IReadOnlyList<DelayerRow> rows)
    {
        const double width = 720, rowHeight = 26, label = 250;
        var picture = new SvgPicture(width, (rows.Count * rowHeight) + 6, "Who ran while others waited");
        var most = rows.Select(row => row.SharePct).DefaultIfEmpty(1).Max();
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, y) = (rows[i], i * rowHeight);
            var bar = (width - label - 130) * row.SharePct / Math.Max(0.1, most);
            picture.Text(label - 8, y + 18, Fit(row.Workload), "", "end")
                .Rectangle(label, y + 4, bar, rowHeight - 8, row.Kind == "kernel_thread" ? "bar other" : "bar", row.Workload)
                .Text(label + bar + 6, y + 18, string.Create(CultureInfo.InvariantCulture, $"{row.SharePct:0.0} %, {TextChart.Time(row.DelayedMs * 1000)}"), "muted");
        }

        return picture.ToString();
    }

    /// <summary>The changes in force: how much of their time is left.</summary>
    public static string Changes(IReadOnlyList<JsonElement> rows)
    {
        const double width = 720, rowHeight = 40;
        var picture = new SvgPicture(width, (rows.Count * rowHeight) + 4, "Changes in force and the time they have left");
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, y) = (rows[i], i * rowHeight);
            var (left, ttl) = (row.GetProperty("expires_in_seconds").GetInt32(), Math.Max(1, row.GetProperty("ttl_seconds").GetInt32()));
            var whole = width - 90;
            picture.Text(0, y + 14, Fit($"{ChangesCommand.Effect(row)} for {ChangesCommand.Names(row)}, {RemoteCommand.Text(row, "threads")} threads, by {RemoteCommand.Text(row, "by")}", 92))
                .Rectangle(0, y + 21, whole, 9, "rest")
                .Rectangle(0, y + 21, whole * Math.Min(1, (double)left / ttl), 9, "bar", RemoteCommand.Text(row, "reason"))
                .Text(width, y + 30, $"{left} s left", "muted", "end");
        }

        return picture.ToString();
    }

    /// <summary>The way of a request: each process below the one that wakes it most; what comes back is dashed.</summary>
    public static string Chain(IReadOnlyList<JsonElement> chain)
    {
        const double box = 190, boxHeight = 48, gap = 24, level = 96;
        var rows = WakeTree.Of(chain).GroupBy(one => one.Depth).OrderBy(row => row.Key).Select(row => row.Select(one => one.Process).ToList()).ToList();
        var widest = rows.Max(row => row.Count);
        var (width, height) = ((widest * (box + gap)) + 60, (rows.Count * level) - (level - boxHeight) + 8);
        var places = new Dictionary<int, (double X, double Y)>();
        for (var r = 0; r < rows.Count; r++)
        {
            for (var c = 0; c < rows[r].Count; c++)
            {
                places[WakeTree.Pid(rows[r][c])] = (((widest - rows[r].Count) * (box + gap) / 2) + (c * (box + gap)) + 4, (r * level) + 4);
            }
        }

        var picture = new SvgPicture(width, height, "Who wakes whom");
        foreach (var process in chain)
        {
            if (WakeTree.Waker(process) is not { } waker || !places.TryGetValue(waker, out var from))
            {
                continue;
            }

            var to = places[WakeTree.Pid(process)];
            if (to.Y > from.Y)
            {
                picture.Arrow(from.X + (box / 2), from.Y + boxHeight, to.X + (box / 2), to.Y, 0, "edge")
                    .Text(((from.X + to.X + box) / 2) + 8, (from.Y + boxHeight + to.Y) / 2 + 4, $"{RemoteCommand.Text(process, "wakeups_per_second")}/s, waits {TextChart.Time(process.GetProperty("wait_mean_us").GetDouble())}", "muted");
            }
            else
            {
                picture.Arrow(from.X + box, from.Y + (boxHeight / 2), to.X + box, to.Y + (boxHeight / 2), 50, "edge back");
            }
        }

        foreach (var process in chain)
        {
            var (x, y) = places[WakeTree.Pid(process)];
            var where = RemoteCommand.Text(process, "pod") is { Length: > 0 } pod ? pod : RemoteCommand.Text(process, "unit");
            picture.Rectangle(x, y, box, boxHeight, process.TryGetProperty("target", out _) ? "node target" : "node", where)
                .Text(x + (box / 2), y + 19, Fit($"{RemoteCommand.Text(process, "command")} ({WakeTree.Pid(process)})", 26), "", "middle")
                .Text(x + (box / 2), y + 37, Fit(where, 28), "muted", "middle");
        }

        return picture.ToString();
    }

    private static string Fit(string text, int length = LabelLength) => text.Length > length ? $"{text[..(length - 1)]}…" : text;
}
