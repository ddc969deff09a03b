using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Coxswain.Benchmarks;

/// <summary>Bars of the schedulers in one scenario, in the metric that says most.</summary>
internal static class Chart
{
    private const double Width = 720;
    private const double HeightPerBar = 26;
    private const double Frame = 100;
    private static readonly string[] s_tellingMetrics = ["p99", "web_p99", "time", "round_trip", "prioritize_p50"];
    private static readonly OxyColor s_ours = OxyColor.FromRgb(0x1f, 0x77, 0xb4);
    private static readonly OxyColor s_others = OxyColor.FromRgb(0x9a, 0x9a, 0x9a);

    /// <returns>SVG; null where there are not at least two schedulers to compare.</returns>
    public static string? Of(string scenario, IReadOnlyList<Measurement> measurements)
    {
        string metric = s_tellingMetrics.FirstOrDefault(t => measurements.Any(m => m.Metric == t)) ?? measurements[0].Metric;
        Measurement[] bars = [.. measurements.Where(m => m.Metric == metric).OrderByDescending(m => m.Scheduler, StringComparer.Ordinal)];
        if (bars.Length < 2)
        {
            return null;
        }
        var model = new PlotModel { Title = $"{scenario}: {metric}, {bars[0].Unit}", TitleFontSize = 14, Background = OxyColors.White, PlotAreaBorderThickness = new OxyThickness(0) };
        var schedulers = new CategoryAxis { Position = AxisPosition.Left, TickStyle = TickStyle.None };
        schedulers.Labels.AddRange(bars.Select(b => b.Scheduler));
        model.Axes.Add(schedulers);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, AbsoluteMinimum = 0, Minimum = 0, MaximumPadding = 0.1, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColor.FromRgb(0xe0, 0xe0, 0xe0) });
        var medians = new BarSeries { LabelFormatString = "{0:0.##}", LabelPlacement = LabelPlacement.Inside, TextColor = OxyColors.Black };
        var intervals = new IntervalBarSeries { BarWidth = 0.08, FillColor = OxyColors.Black, StrokeThickness = 0 };
        for (int i = 0; i < bars.Length; i++)
        {
            medians.Items.Add(new BarItem(bars[i].Median, i) { Color = bars[i].Scheduler.StartsWith("coxswain", StringComparison.Ordinal) ? s_ours : s_others });
            intervals.Items.Add(new IntervalBarItem(bars[i].CiLow, bars[i].CiHigh) { CategoryIndex = i });
        }
        model.Series.Add(medians);
        model.Series.Add(intervals);
        return SvgExporter.ExportToString(model, Width, Frame + HeightPerBar * bars.Length, isDocument: true, textMeasurer: null);
    }
}
