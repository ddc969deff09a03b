using System.Globalization;
using System.Text;
using System.Text.Json;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Commands.Remote.Reports;

/// <summary>Writes a report as one page that needs nothing else: no script, no font, no picture from elsewhere.</summary>
internal static class HtmlReport
{
    private const int MostPods = 8;
    private const int MostRows = 15;
    private const int MostChanges = 25;

    // Forbidding everything makes a name that should get through harmless too.
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>Coxswain report</title><style>
        :root{--page:#ffffff;--text:#1b1f24;--muted:#57606a;--grid:#d8dee4;--bar:#0969da;--other:#8250df;--mark:#bc4c00;--card:#f6f8fa}
        @media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--muted:#9198a1;--grid:#30363d;--bar:#4493f8;--other:#a371f7;--mark:#f0883e;--card:#161b22}}
        body{margin:0 auto;padding:24px;max-width:1080px;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
        h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:32px 0 8px}h3{font-size:14px;margin:0 0 4px;font-weight:600}p{margin:4px 0}.muted{color:var(--muted)}
        .wide{overflow-x:auto}.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(330px,100%),1fr));gap:12px}
        .card{background:var(--card);border:1px solid var(--grid);border-radius:6px;padding:10px}
        svg{max-width:100%;height:auto;display:block}#machine svg,#delayers svg,#changes svg{min-width:560px}#chains svg{max-width:none}svg text{font:12px system-ui,sans-serif;fill:var(--text)}svg text.muted{fill:var(--muted)}svg text.marked{fill:var(--mark)}
        .bar{fill:var(--bar)}.bar.other{fill:var(--other)}.rest{fill:var(--grid)}.grid{stroke:var(--grid)}.axis{stroke:var(--muted)}.mark{stroke:var(--mark);stroke-dasharray:4 3}
        .node{fill:var(--card);stroke:var(--muted)}.node.target{stroke:var(--bar);stroke-width:2}.edge{fill:none;stroke:var(--muted);stroke-width:1.5}.edge.back{stroke-dasharray:5 4}.head,.edge.back.head{fill:var(--muted);stroke:none}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:3px 10px 3px 0;border-bottom:1px solid var(--grid)}th{color:var(--muted);font-weight:600}.n{text-align:right;white-space:nowrap}
        </style></head><body>

        """;

    /// <summary>Writes the page.</summary>
    /// <param name="snapshot">What the daemon told.</param>
    /// <param name="chains">Pods with their chains, as find_dependencies tells them.</param>
    public static string Write(LatencySnapshot snapshot, IReadOnlyList<(string Pod, JsonElement Chain)> chains)
    {
        var (latency, page) = (snapshot.Latency, new StringBuilder(Head));
        page.Append("<h1>Coxswain report</h1>\n");
        var status = snapshot.Status;
        var state = status.GetProperty("attached").GetBoolean()
            ? $"scheduler attached, mode {RemoteCommand.Text(status, "mode")}, policy {RemoteCommand.Text(status, "policy")}"
            : $"not attached: {RemoteCommand.Text(status, "reason")}";
        Paragraph(page, $"{latency.AsOf}, Linux {RemoteCommand.Text(status.GetProperty("kernel"), "release")}, {RemoteCommand.Text(status.GetProperty("kernel"), "cpus")} CPUs; {state}", "muted");
        if (status.TryGetProperty("simulated", out _))
        {
            Paragraph(page, "This machine is simulated.", "muted");
        }

        Section(page, "Waiting for a CPU", $"Runnable threads without a CPU in the last {latency.WindowSeconds} s; sleep is not counted. {Summary(latency.Machine)}");
        page.Append("<div class=\"wide\" id=\"machine\">").Append(ReportPictures.Distribution(latency.Machine, 720, 240)).Append("</div>\n");

        Section(page, "By pod", "Those that waited longest in sum.");
        page.Append("<div class=\"cards\" id=\"pods\">");
        foreach (var pod in latency.Pods.Take(MostPods))
        {
            page.Append("<div class=\"card\"><h3>").Append(Escape(pod.Name)).Append("</h3>");
            Paragraph(page, Summary(pod), "muted");
            page.Append(ReportPictures.Distribution(pod, 480, 170)).Append("</div>");
        }

        page.Append("</div>\n");
        Section(page, "Who ran while others waited", latency.Delayers.Count == 0 ? "Nobody waited long enough for a delayer to be known." : "Share of all waiting.");
        page.Append("<div class=\"wide\" id=\"delayers\">").Append(latency.Delayers.Count > 0 ? ReportPictures.Delayers(latency.Delayers) : "").Append("</div>\n");

        Section(page, "Who wakes whom", chains.Count == 0
            ? "No pod that was looked at works together with others."
            : "The way of a request around the pods that are busiest waking up; wake-ups in a second and mean wait after one. Prioritise all of a chain together.");
        page.Append("<div id=\"chains\">");
        foreach (var (pod, chain) in chains)
        {
            page.Append("<h3>").Append(Escape(pod)).Append("</h3><div class=\"wide\">").Append(ReportPictures.Chain([.. chain.GetProperty("chain").EnumerateArray()])).Append("</div>\n");
        }

        page.Append("</div>\n");
        Section(page, "Changes in force", snapshot.Changes.Count == 0 ? "None." : Count(snapshot.Changes.Count));
        page.Append("<div class=\"wide\" id=\"changes\">").Append(snapshot.Changes.Count > 0 ? ReportPictures.Changes([.. snapshot.Changes.Take(MostChanges)]) : "").Append("</div>\n");

        Section(page, "Threads that waited longest", latency.Lost is { } lost ? $"{lost} events could not be counted." : "");
        Table(page, latency.Tasks);
        return page.Append("</body></html>\n").ToString();
    }

    private static string Count(int changes) => changes > MostChanges ? $"The newest {MostChanges} of {changes}, with the time they have left." : "With the time they have left.";

    private static string Summary(LatencyRow row) => row.WaitUs is { } wait
        ? string.Create(CultureInfo.InvariantCulture, $"p50 {TextChart.Time(wait.P50)}, p99 {TextChart.Time(wait.P99)}, longest {TextChart.Time(wait.Max)}; {row.WaitsPerSecond:0} waits in a second; CPU {row.CpuPct:0} %")
        : string.Create(CultureInfo.InvariantCulture, $"nobody waited; CPU {row.CpuPct:0} %");

    private static void Table(StringBuilder page, IReadOnlyList<LatencyRow> tasks)
    {
        page.Append("<div class=\"wide\" id=\"tasks\"><table><tr><th>Thread</th><th>Pod</th><th class=\"n\">CPU %</th><th class=\"n\">p50</th><th class=\"n\">p99</th><th class=\"n\">longest</th></tr>\n");
        foreach (var task in tasks.Take(MostRows))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escape(task.Name)} ({task.Pid})</td><td>{Escape(task.Pod ?? "")}</td><td class=\"n\">{task.CpuPct:0.0}</td>");
            foreach (var us in (double?[])[task.WaitUs?.P50, task.WaitUs?.P99, task.WaitUs?.Max])
            {
                page.Append("<td class=\"n\">").Append(us is { } time ? TextChart.Time(time) : "-").Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static void Section(StringBuilder page, string title, string explanation)
    {
        page.Append("<h2>").Append(title).Append("</h2>");
        Paragraph(page, explanation, "muted");
    }

    private static void Paragraph(StringBuilder page, string text, string style) =>
        page.Append(text.Length > 0 ? $"<p class=\"{style}\">{Escape(text)}</p>\n" : "\n");

    private static string Escape(string text) => SvgPicture.Escape(text);
}
