using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class GetMetricsTool(
    IObserver observer, ObservedWindow window, MetricsBook book, Delayers delayers, IScheduler scheduler, IntentService intents, PodRegistry registry, TimeProvider time)
{
    [McpServerTool(
        Name = "get_metrics", Title = "Get metrics", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Measures how long threads waited for a CPU and who delayed them, under any scheduler. Pass its metrics_id as compare_to in a later call " +
        "to learn whether a change helped.")]
    public async Task<MetricsResult> GetMetrics(
        IProgress<ProgressNotificationValue> progress,
        [Description("Up to now; with compare_to from now on.")]
        [Range(1, ObservedWindow.Most)]
        int window_seconds = 15,
        [Description("metrics_id of an earlier call.")]
        [StringLength(20)]
        string? compare_to = null,
        [Description("Compared by.")]
        MetricName metric = MetricName.WaitP99,
        [Description(ObservedArguments.Scope)]
        ObservedScopeName scope = ObservedScopeName.Machine,
        [Description(ObservedArguments.Name)]
        [StringLength(ObservedArguments.MaxNameLength)]
        string? name = null,
        CancellationToken cancellationToken = default)
    {
        var chosen = ObservedArguments.Read(scope, name, intents, registry);
        var selection = scope == ObservedScopeName.Machine ? "" : $"{scope} {name}".ToLowerInvariant();
        var before = compare_to is null ? null : book.Find(compare_to, selection);
        await Task.Run(registry.Refresh, cancellationToken).ConfigureAwait(false);
        var (first, last) = await window.WaitAsync(window_seconds, afresh: before is not null, progress, cancellationToken).ConfigureAwait(false);
        var now = observer.Observe(first, last, chosen);
        var comparison = before is null ? null : Comparison.Of(before, now.Seconds, (ObservedMeasure)metric);
        return Result(now, book.Keep(selection, now.Seconds), delayers.Of(now.From, now.To, chosen, now.Total.WaitNs), Row(compare_to, metric, comparison), window_seconds);
    }

    private MetricsResult Result(Observation now, string id, IReadOnlyList<DelayerRow> delayedBy, ComparisonRow? comparison, int asked)
    {
        var total = now.Total;
        var seconds = now.DurationNs / 1e9;
        var losses = observer.State.Losses;
        var lost = losses.TaskEvents + losses.Pairs;
        return new MetricsResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            MetricsId = id,
            WindowSeconds = now.Seconds.Count,
            Scheduler = SchedulerName(scheduler.ReadState()),
            Threads = now.Tasks.Count,
            Samples = total.Waits,
            WaitUs = Waits(total),
            UnfinishedWaitUs = total.UnfinishedWaitNs > 0 ? Us(total.UnfinishedWaitNs) : null,
            CpuPct = PerSecond(total.RunNs / 1e7, seconds),
            PerSecond = new RateRow
            {
                Wakeups = PerSecond(total.Wakeups, seconds),
                VoluntarySwitches = PerSecond(total.VoluntarySwitches, seconds),
                InvoluntarySwitches = PerSecond(total.InvoluntarySwitches, seconds),
                CoreMigrations = PerSecond(total.CoreMigrations, seconds),
                LlcMigrations = PerSecond(total.LlcMigrations, seconds),
                FarMigrations = PerSecond(total.FarMigrations, seconds),
            },
            InterruptPct = Math.Round(100 * now.InterruptShare, 1),
            Delayers = delayedBy,
            Comparison = comparison,
            Lost = lost > 0 ? lost : null,
            Hint = Hint(now, comparison, asked),
        };
    }

    private static string? Hint(Observation now, ComparisonRow? comparison, int asked) => (now, comparison) switch
    {
        ({ Total.Waits: 0, Total.UnfinishedWaitNs: 0 }, _) => "Nothing that was named ran in this time: list_tasks and list_pods show what there is.",
        (_, { TooFewSamples: true }) =>
            $"Too few samples to tell a difference: it takes {Comparison.LeastSeconds} seconds and {Comparison.LeastWaits} waits on each side. Take a longer window_seconds.",
        _ when now.Seconds.Count < asked => "Single threads are remembered for less time than was asked for, as there are so many; whole pods, cgroups and units for ten minutes.",
        _ => null,
    };

    private static ComparisonRow? Row(string? id, MetricName metric, Comparison? comparison) => comparison is null ? null : new ComparisonRow
    {
        ComparedTo = id!,
        Metric = metric,
        Before = Number(metric, comparison.Before),
        After = Number(metric, comparison.After),
        DifferencePct = Wire.Percent(comparison.Difference),
        DifferenceRangePct = comparison is { DifferenceLow: not null, DifferenceHigh: not null }
            ? [Wire.Percent(comparison.DifferenceLow)!.Value, Wire.Percent(comparison.DifferenceHigh)!.Value] : null,
        ConfidencePct = Wire.Percent(comparison.Confidence),
        Verdict = (VerdictName)comparison.Verdict,
        TooFewSamples = comparison.TooFewSamples ? true : null,
        SecondsBefore = comparison.SecondsBefore,
        SecondsAfter = comparison.SecondsAfter,
    };

    /// <summary>Percentiles of waits; null when nobody waited.</summary>
    internal static WaitRow? Waits(ObservedMetrics total) => total.Waits == 0 ? null : new WaitRow
    {
        P50 = Us(total.WaitPercentileNs(0.5)),
        P90 = Us(total.WaitPercentileNs(0.9)),
        P99 = Us(total.WaitPercentileNs(0.99)),
        P999 = Us(total.WaitPercentileNs(0.999)),
        Max = Us(total.LongestWaitNs),
        Mean = Us((double)total.WaitNs / total.Waits),
    };

    /// <summary>Who schedules this machine.</summary>
    internal static string SchedulerName(SchedulerState state) =>
        state.Attached ? "coxswain" : state.KernelState == "enabled" && state.OpsName.Length > 0 ? state.OpsName : "kernel";

    private static double? Number(MetricName metric, double? value) => value is null ? null : metric == MetricName.Cpu ? Wire.Percent(value) : Us(value);

    private static double Us(double? ns) => Math.Round((ns ?? 0) / 1000, 1);

    private static double PerSecond(double count, double seconds) => seconds > 0 ? Math.Round(count / seconds, 1) : 0;
}
