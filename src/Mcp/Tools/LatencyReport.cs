using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>Tells how long threads waited in the last seconds, by pod and thread, without waiting for a window itself.</summary>
internal sealed class LatencyReport(
    IObserver observer, Delayers delayers, IScheduler scheduler, IntentService intents, PodRegistry registry, TimeProvider time)
{
    /// <summary>Seconds that it tells of.</summary>
    public const int Seconds = 10;

    private const int MaxPods = 100;
    private const int MaxTasks = 200;
    private const int PerDoubling = 8;

    /// <summary>Reads it; switches the observer on, which then has nothing to tell for a second.</summary>
    public LatencyResult Read()
    {
        var problem = "";
        try
        {
            observer.Start();
        }
        catch (ObserverUnavailableException exception)
        {
            problem = exception.Message;
        }

        registry.Refresh();
        var machine = observer.Observe(Seconds, ObservationScope.Node);
        var seconds = machine.DurationNs / 1e9;
        var snapshot = scheduler.Snapshot();
        var losses = observer.State.Losses;
        return new LatencyResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            WindowSeconds = machine.Seconds.Count,
            Scheduler = GetMetricsTool.SchedulerName(snapshot),
            Problem = Wire.Text(problem),
            Machine = Row("machine", machine.Total, seconds),
            ClassCpuSeconds = snapshot.Classes.ToDictionary(use => use.Key, use => Math.Round(use.Value.RunNs / 1e9, 3)),
            Pods = Pods(machine, seconds),
            Tasks = [.. observer.ObserveTasks(machine.From, machine.To, MaxTasks).OrderByDescending(task => task.Value.WaitNs).Select(task => Row(Name(task.Key), task.Value, seconds) with
            {
                Pid = task.Key.Key.Tid,
                Pod = PodOf(task.Key)?.Title,
                Class = Wire.Class(ObservedArguments.ClassOf(task.Key, intents)),
            })],
            Delayers = delayers.Of(machine.From, machine.To, ObservationScope.Node, machine.Total.WaitNs),
            Lost = losses.TaskEvents + losses.Pairs is > 0 and var lost ? lost : null,
        };
    }

    private List<LatencyRow> Pods(Observation machine, double seconds)
    {
        var pods = new Dictionary<string, ObservedMetrics>();
        foreach (var (path, metrics) in observer.ObserveCgroups(machine.From, machine.To))
        {
            if (path.Length > 0 && registry.Table.Of(registry.Identify(path)) is { } pod)
            {
                if (!pods.TryGetValue(pod.Title, out var sum))
                {
                    pods[pod.Title] = sum = new ObservedMetrics();
                }

                sum.Add(metrics);
            }
        }

        var members = new Dictionary<string, ObservedTask>();
        foreach (var task in machine.Tasks.Where(task => !task.HasEnded))
        {
            if (PodOf(task) is { } pod)
            {
                members.TryAdd(pod.Title, task);
            }
        }

        return [.. pods.OrderByDescending(pod => pod.Value.WaitNs).Take(MaxPods).Select(pod => Row(pod.Key, pod.Value, seconds) with
        {
            Class = members.TryGetValue(pod.Key, out var member) ? Wire.Class(ObservedArguments.ClassOf(member, intents)) : null,
        })];
    }

    private PodInfo? PodOf(ObservedTask task) => task.Cgroup.Length > 0 ? registry.Table.Of(registry.Identify(task.Cgroup)) : null;

    private static string Name(ObservedTask task) => task.Command.Length > 0 ? task.Command : "?";

    private static LatencyRow Row(string name, ObservedMetrics metrics, double seconds)
    {
        var buckets = new List<double[]>();
        for (var i = 0; i < WaitBuckets.Count; i += PerDoubling)
        {
            ulong count = 0;
            foreach (var one in metrics.Buckets.Slice(i, PerDoubling))
            {
                count += one;
            }

            if (count > 0)
            {
                buckets.Add([i == 0 ? 0 : WaitBuckets.LowNs(i) / 1000, WaitBuckets.LowNs(i + PerDoubling) / 1000, count]);
            }
        }

        return new LatencyRow
        {
            Name = name,
            CpuPct = seconds > 0 ? Math.Round(metrics.RunNs / 1e7 / seconds, 1) : 0,
            WaitsPerSecond = seconds > 0 ? Math.Round(metrics.Waits / seconds, 1) : 0,
            WaitUs = GetMetricsTool.Waits(metrics),
            Buckets = buckets,
        };
    }
}
