using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Protocol;

namespace Coxswain.Mcp.Metrics;

/// <summary>Gathers all metrics, at most once a second whoever asks. Thread-safe.</summary>
internal sealed class MetricsCollector(
    IScheduler scheduler, IntentService intents, IObserver observer, PodRegistry registry, MetricsSettings settings, TimeProvider time)
{
    private static readonly TimeSpan s_maxAge = TimeSpan.FromSeconds(1);

    private static readonly MetricDefinition s_build = new("coxswain_build_info", MetricKind.Gauge, "Always 1; the version of this program as a label.");
    private static readonly MetricDefinition s_changes = new("coxswain_changes_active", MetricKind.Gauge, "Changes in force.");
    private static readonly MetricDefinition s_running = new("coxswain_observer_running", MetricKind.Gauge, "1: threads are observed; the metrics of node and pods grow.");
    private static readonly MetricDefinition s_tasks = new("coxswain_observer_tasks", MetricKind.Gauge, "Threads that are counted for.");
    private static readonly MetricDefinition s_seconds = new("coxswain_observer_seconds_total", MetricKind.Counter, "Seconds that are in the metrics of node and pods.");
    private static readonly MetricDefinition s_missed = new("coxswain_observer_missed_seconds_total", MetricKind.Counter, "Seconds that were forgotten before anybody asked.");
    private static readonly MetricDefinition s_dropped = new("coxswain_observer_dropped_pods_total", MetricKind.Counter, "Times that a pod was left out, as there are too many.");
    private static readonly MetricDefinition s_lost = new("coxswain_observer_lost_events_total", MetricKind.Counter, "Events that there was no room for, since the observer was switched on, by kind.");
    private static readonly MetricDefinition s_unexplained = new("coxswain_observer_unexplained_wait_seconds_total", MetricKind.Counter, "Waiting during which it is not known who ran.");
    private static readonly MetricDefinition s_rollUp = new("coxswain_observer_roll_up_cpu_seconds", MetricKind.Gauge, "CPU time that collecting the last second took.");

    private readonly Lock _gate = new();
    private readonly ObservedTotals _totals = new(observer, registry, time);
    private IReadOnlyList<MetricFamily> _families = [];
    private long? _collected;

    /// <summary>All metrics now, also those without a value. May wait for the container runtime, for 2 s.</summary>
    public IReadOnlyList<MetricFamily> Collect()
    {
        lock (_gate)
        {
            if (_collected is not { } then || time.GetElapsedTime(then) >= s_maxAge)
            {
                if (settings.Observe)
                {
                    _totals.Update();
                }

                _families = [.. Read()];
                _collected = time.GetTimestamp();
            }

            return _families;
        }
    }

    private IEnumerable<MetricFamily> Read()
    {
        yield return MetricFamily.Of(s_build, 1, ("version", ToolServer.Version));
        foreach (var family in SchedulerMetrics.Of(scheduler.Snapshot()))
        {
            yield return family;
        }

        yield return MetricFamily.Of(s_changes, intents.ActiveCount);
        var state = observer.State;
        yield return MetricFamily.Of(s_running, state.Running ? 1 : 0);
        yield return MetricFamily.Of(s_tasks, state.Tasks);
        yield return MetricFamily.Of(s_seconds, _totals.Seconds);
        yield return MetricFamily.Of(s_missed, _totals.MissedSeconds);
        yield return MetricFamily.Of(s_dropped, _totals.DroppedPods);
        yield return new MetricFamily(s_lost, [new([("kind", "task")], state.Losses.TaskEvents), new([("kind", "pair")], state.Losses.Pairs)]);
        yield return MetricFamily.Of(s_unexplained, state.Losses.UnexplainedWaitNs / 1e9);
        yield return MetricFamily.Of(s_rollUp, state.RollUpNs / 1e9);
        // Without the observer there is nothing that could be told of node and pods, rather than zeroes.
        IReadOnlyList<((string, string)[], ObservedMetrics)> node = _totals.Seconds > 0 ? [([], _totals.Machine)] : [];
        IReadOnlyList<((string, string)[], ObservedMetrics)> pods =
            [.. _totals.Pods.OrderBy(pod => pod.Namespace, StringComparer.Ordinal).ThenBy(pod => pod.Name, StringComparer.Ordinal)
                .Select(pod => (new[] { ("namespace", pod.Namespace), ("pod", pod.Name) }, pod.Metrics))];
        foreach (var family in WorkloadMetrics.Of("node", " of all threads of this machine", node).Concat(WorkloadMetrics.Of("pod", " of a pod's threads", pods)))
        {
            yield return family;
        }
    }
}
