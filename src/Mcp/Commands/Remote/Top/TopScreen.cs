using System.Globalization;
using System.Text.Json;
using Coxswain.Mcp.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Coxswain.Mcp.Commands.Remote.Top;

/// <summary>Draws what <c>coxswain top</c> shows; 80 columns and 24 lines are enough. Colours only repeat what the characters say.</summary>
internal static class TopScreen
{
    private const int NumberWidth = 9;
    private const int ClassWidth = 10;
    private const int MostChanges = 4;

    // Urgent first; what the daemon calls them, and how they are called where there is little room.
    private static readonly (string Name, string Short, Color Color)[] s_classes =
    [
        ("latency_critical", "latency", Color.Red), ("high", "high", Color.Orange1), ("normal", "normal", Color.Green),
        ("low", "low", Color.SteelBlue1), ("background", "backgrnd", Color.Grey), ("system", "system", Color.Grey),
    ];

    /// <summary>Draws.</summary>
    /// <param name="now">What the daemon told.</param>
    /// <param name="before">What it told the time before, for shares since then; null: the first time.</param>
    /// <param name="state">What is chosen.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Lines.</param>
    public static IRenderable Draw(LatencySnapshot now, LatencySnapshot? before, TopState state, int width, int height)
    {
        var lines = new List<IRenderable> { Header(now, width), Waiting(now.Latency, width), Shares(now.Latency, before?.Latency, width) };
        var changes = Changes(now.Changes, width);
        var rows = state.Rows(now.Latency);
        // Heading, rows, heading of changes, changes, keys.
        var room = Math.Max(1, height - lines.Count - changes.Count - 3);
        lines.Add(Heading(state, width));
        lines.AddRange(rows.Skip(state.Offset).Take(room).Select(row => Row(row, state.View, width)));
        for (var i = Math.Min(rows.Count - state.Offset, room); i < room; i++)
        {
            lines.Add(Line(i == 0 && rows.Count == 0 ? Nothing(now.Latency, state) : "", Style.Plain, width));
        }

        lines.AddRange(changes);
        lines.Add(Keys(state, rows.Count, width));
        return new Rows(lines);
    }

    private static Text Header(LatencySnapshot now, int width)
    {
        var status = now.Status;
        var attached = status.GetProperty("attached").GetBoolean();
        var kernel = status.GetProperty("kernel");
        var text = attached
            ? $"coxswain  mode {RemoteCommand.Text(status, "mode")}  policy {RemoteCommand.Text(status, "policy")}"
            : $"coxswain  NOT ATTACHED, scheduler {now.Latency.Scheduler}";
        text += $"  Linux {RemoteCommand.Text(kernel, "release")}  {RemoteCommand.Text(kernel, "cpus")} CPUs{(status.TryGetProperty("simulated", out _) ? "  SIMULATED" : "")}";
        return Line(text, new Style(decoration: Decoration.Bold), width);
    }

    private static Text Waiting(LatencyResult latency, int width)
    {
        var text = latency switch
        {
            { Problem: { Length: > 0 } problem } => $"not observed: {problem}",
            { Machine.WaitUs: { } wait } => string.Create(CultureInfo.InvariantCulture,
                $"waits, last {latency.WindowSeconds} s: p50 {TextChart.Time(wait.P50)}  p99 {TextChart.Time(wait.P99)}  longest {TextChart.Time(wait.Max)}  busy: {latency.Machine.CpuPct / 100:0.0} CPUs"),
            _ => "the observer has been switched on: first numbers in a second or two",
        };
        return Line(latency.Lost is { } lost ? $"{text}  LOST {lost}" : text, Style.Plain, width);
    }

    private static IRenderable Shares(LatencyResult now, LatencyResult? before, int width)
    {
        var used = s_classes.Select(one => (Class: one, Seconds:
            now.ClassCpuSeconds.GetValueOrDefault(one.Name) - (before?.ClassCpuSeconds.GetValueOrDefault(one.Name) ?? 0))).ToList();
        var total = used.Sum(one => one.Seconds);
        if (total <= 0)
        {
            return Line("CPU by class: not known", Style.Plain, width);
        }

        var line = new Paragraph();
        foreach (var ((_, title, color), seconds) in used)
        {
            line.Append(string.Create(CultureInfo.InvariantCulture, $"{title} "));
            line.Append(string.Create(CultureInfo.InvariantCulture, $"{100 * seconds / total:0}%"), new Style(color, decoration: Decoration.Bold));
            line.Append(" ");
        }

        // What remains of the line, at 80 columns about 10, shows the shares at a glance.
        var room = width - used.Sum(one => one.Class.Short.Length + string.Create(CultureInfo.InvariantCulture, $" {100 * one.Seconds / total:0}% ").Length);
        for (var i = 0; i < used.Count && room > 4; i++)
        {
            line.Append(new string("LHnlbs"[i], (int)Math.Floor(used[i].Seconds / total * room)), new Style(used[i].Class.Color));
        }

        return line.Overflow(Overflow.Crop);
    }

    private static Text Heading(TopState state, int width)
    {
        var name = state.View == TopView.Pods ? "POD" : "THREAD";
        return Line(
            $"{Cell($"{name}{Mark(TopOrder.Name)}", NameWidth(width))} {Cell($"CLASS{Mark(TopOrder.Class)}", ClassWidth)}{$"CPU%{Mark(TopOrder.Cpu)}",8}{"WAITS/S",NumberWidth}{"P50",NumberWidth}{$"P99{Mark(TopOrder.Latency)}",NumberWidth}{"LONGEST",NumberWidth}",
            new Style(decoration: Decoration.Invert), width);

        string Mark(TopOrder order) => state.Order == order ? "▼" : "";
    }

    private static Paragraph Row(LatencyRow row, TopView view, int width)
    {
        var one = s_classes.First(one => one.Name == ClassName(row.Class));
        var name = view == TopView.Pods ? row.Name : string.Create(CultureInfo.InvariantCulture, $"{row.Pid} {row.Name}{(row.Pod is { } pod ? $" {pod}" : "")}");
        var line = new Paragraph();
        line.Append($"{Cell(name, NameWidth(width))} ");
        line.Append(Cell(one.Short, ClassWidth), new Style(one.Color));
        line.Append(string.Create(CultureInfo.InvariantCulture, $"{row.CpuPct,8:0.0}{row.WaitsPerSecond,NumberWidth:0}"));
        line.Append(row.WaitUs is { } wait
            ? $"{TextChart.Time(wait.P50),NumberWidth}{TextChart.Time(wait.P99),NumberWidth}{TextChart.Time(wait.Max),NumberWidth}"
            : $"{"-",NumberWidth}{"-",NumberWidth}{"-",NumberWidth}");
        return line.Overflow(Overflow.Crop);
    }

    private static List<IRenderable> Changes(IReadOnlyList<JsonElement> changes, int width)
    {
        var lines = new List<IRenderable>
        {
            Line(changes.Count == 0 ? "no change is in force" : string.Create(CultureInfo.InvariantCulture, $"changes in force: {changes.Count}"), new Style(decoration: Decoration.Bold), width),
        };
        lines.AddRange(changes.Take(MostChanges).Select(row => Line(
            $"  {Left(row),7} left  {ChangesCommand.Effect(row)}  for {ChangesCommand.Names(row)}  {RemoteCommand.Text(row, "threads")} threads  by {RemoteCommand.Text(row, "by")}", Style.Plain, width)));
        return lines;
    }

    private static Text Keys(TopState state, int rows, int width) => state.IsTyping
        ? Line($"filter: {state.Filter}_   Enter keeps it, Esc does not", new Style(decoration: Decoration.Invert), width)
        : Line(
            $"q quit  Tab {(state.View == TopView.Pods ? "threads" : "pods")}  l p99 u cpu c class n name  {rows} rows  / {(state.Filter.Length > 0 ? $"'{state.Filter}'" : "filter")}",
            new Style(decoration: Decoration.Invert), width);

    private static string Nothing(LatencyResult latency, TopState state) =>
        state.Filter.Length > 0 ? $"nothing contains '{state.Filter}'" : latency.WindowSeconds == 0 ? "" : "nothing ran";

    private static string Left(JsonElement row)
    {
        var seconds = row.GetProperty("expires_in_seconds").GetInt32();
        return seconds >= 3600 ? $"{seconds / 3600}h{seconds / 60 % 60:00}m" : seconds >= 60 ? $"{seconds / 60}m{seconds % 60:00}s" : $"{seconds}s";
    }

    private static string ClassName(TaskClass? one) => one switch
    {
        TaskClass.LatencyCritical => "latency_critical",
        TaskClass.High => "high",
        TaskClass.Low => "low",
        TaskClass.Background => "background",
        _ => "normal",
    };

    private static int NameWidth(int width) => Math.Max(12, width - 1 - ClassWidth - 8 - (4 * NumberWidth));

    private static string Cell(string text, int width) => text.Length > width ? $"{text[..(width - 1)]}…" : text.PadRight(width);

    // Exactly as wide as the screen: what was there before is overwritten, and nothing wraps.
    private static Text Line(string text, Style style, int width) => new Text(Cell(text, width), style).Overflow(Overflow.Crop);
}
