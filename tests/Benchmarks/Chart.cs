using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Coxswain.Benchmarks;

/// <summary>Bars of the schedulers in one scenario, in the metric that says most.</summary>
internal static class Chart
{
    private const double Width = 760;
    private const double HeightPerBar = 30;
    private const double Frame = Above + Below + 44;
    private const double LabelGap = 6;

    // Text is measured without a font: too short for the names of schedulers.
    private const double WidthPerLetter = 7.4;
    private const double Above = 4;
    private const double Below = 52;
    private const double HalfOfInterval = 0.05;

    /// <summary>Of the axis, right of the longest bar: room for its figure.</summary>
    private const double LabelShare = 0.16;

    private static readonly string[] s_tellingMetrics = ["p99", "web_p99", "time", "round_trip", "prioritize_p50", "cost_per_task"];
    private static readonly OxyColor s_ours = OxyColor.FromRgb(0x5b, 0x9b, 0xd5);
    private static readonly OxyColor s_others = OxyColor.FromRgb(0xb4, 0xb4, 0xb4);
    private static readonly OxyColor s_interval = OxyColor.FromRgb(0x20, 0x20, 0x20);
    private static readonly OxyColor s_grid = OxyColor.FromRgb(0xe4, 0xe4, 0xe4);

    /// <returns>SVG; null where there are not at least two schedulers to compare.</returns>
    /// <exception cref="InvalidOperationException">The library could not draw it, which it writes into the picture.</exception>
    public static string? Of(string scenario, IReadOnlyList<Measurement> measurements)
    {
        string metric = s_tellingMetrics.FirstOrDefault(t => measurements.Any(m => m.Metric == t)) ?? measurements[0].Metric;
        // The axis begins at the bottom: the kernel's own scheduler is to be on top, ours below it.
        Measurement[] bars =
            [.. measurements.Where(m => m.Metric == metric).OrderBy(m => IsOurs(m)).ThenBy(m => m.Scheduler, StringComparer.Ordinal).Reverse()];
        if (bars.Length < 2)
        {
            return null;
        }

        string picture = SvgExporter.ExportToString(Model(scenario, metric, bars), Width, Frame + HeightPerBar * bars.Length, isDocument: true, textMeasurer: null);
        return picture.Contains("exception", StringComparison.OrdinalIgnoreCase)
            ? throw new InvalidOperationException($"the picture of {scenario} shows an exception: {picture}")
            : picture;
    }

    private static PlotModel Model(string scenario, string metric, Measurement[] bars)
    {
        var model = new PlotModel
        {
            Title = scenario,
            TitleFontSize = 15,
            Background = OxyColors.White,
            PlotAreaBorderThickness = new OxyThickness(0),
            Padding = new OxyThickness(8),
            PlotMargins = new OxyThickness(WidthPerLetter * bars.Max(bar => bar.Scheduler.Length) + 2 * LabelGap, Above, 2 * LabelGap, Below),
        };
        var schedulers = new CategoryAxis { Position = AxisPosition.Left, TickStyle = TickStyle.None, GapWidth = 0.4 };
        schedulers.Labels.AddRange(bars.Select(b => b.Scheduler));
        model.Axes.Add(schedulers);
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = $"{metric}, {bars[0].UnitOfPeople} ({(bars[0].IsMoreBetter ? "more" : "less")} is better)",
            AbsoluteMinimum = 0,
            Minimum = 0,
            Maximum = (1 + LabelShare) * bars.Max(bar => Math.Max(bar.Median, bar.CiHigh)),
            StringFormat = "#,0.###",
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = s_grid,
            TickStyle = TickStyle.None,
            AxisTitleDistance = 2 * LabelGap,
        });
        var medians = new BarSeries { StrokeThickness = 0 };
        for (int i = 0; i < bars.Length; i++)
        {
            medians.Items.Add(new BarItem(bars[i].Median, i) { Color = IsOurs(bars[i]) ? s_ours : s_others });
            if (bars[i].HasInterval)
            {
                model.Annotations.Add(new RectangleAnnotation
                {
                    MinimumX = bars[i].CiLow,
                    MaximumX = bars[i].CiHigh,
                    MinimumY = i - HalfOfInterval,
                    MaximumY = i + HalfOfInterval,
                    Fill = s_interval,
                });
            }

            model.Annotations.Add(new TextAnnotation
            {
                Text = bars[i].Median.ToString("#,0.##", CultureInfo.InvariantCulture),
                TextPosition = new DataPoint(Math.Max(bars[i].Median, bars[i].CiHigh), i),
                Offset = new ScreenVector(LabelGap, 0),
                TextHorizontalAlignment = HorizontalAlignment.Left,
                TextVerticalAlignment = VerticalAlignment.Middle,
                StrokeThickness = 0,
            });
        }

        model.Series.Add(medians);
        return model;
    }

    private static bool IsOurs(Measurement measurement) => measurement.Scheduler.StartsWith(Measurement.Ours, StringComparison.Ordinal);
}
