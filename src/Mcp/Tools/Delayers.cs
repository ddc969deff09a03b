using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>Names the workloads that ran while others waited.</summary>
internal sealed class Delayers(IObserver observer, IntentService intents, PodRegistry pods)
{
    private const int MaxRows = 6;
    private const int MaxPids = 3;

    /// <summary>Who delayed most.</summary>
    public IReadOnlyList<DelayerRow> Of(uint first, uint last, ObservationScope scope, long waitNs)
    {
        var rows = observer.Delays(first, last, scope)
            .GroupBy(pair => (Name: NameOf(pair.From), pair.From.IsKernelThread))
            .Select(group => (group.Key, Ns: group.Sum(pair => pair.Ns), From: group.GroupBy(pair => pair.From).OrderByDescending(one => one.Sum(pair => pair.Ns)).Select(one => one.Key).ToList()))
            .OrderByDescending(row => row.Ns).Take(MaxRows);
        return [.. rows.Select(row => new DelayerRow
        {
            Workload = row.Key.Name,
            Kind = row.Key.IsKernelThread ? "kernel_thread" : "user",
            Class = row.Key.IsKernelThread ? null : Wire.Class(ObservedArguments.ClassOf(row.From[0], intents)),
            DelayedMs = Math.Round(row.Ns / 1e6, 1),
            SharePct = waitNs > 0 ? Math.Round(Math.Min(100, 100.0 * row.Ns / waitNs), 1) : 0,
            Pids = [.. row.From.Select(task => task.ProcessId).Where(pid => pid > 0).Distinct().Take(MaxPids)],
        })];
    }

    private string NameOf(ObservedTask task)
    {
        if (task.Cgroup.Length > 0)
        {
            var identity = pods.Identify(task.Cgroup);
            if (pods.Table.Of(identity) is { } pod)
            {
                return pod.Title;
            }

            // A session or a scope has no name that says anything.
            if (identity.Unit.EndsWith(".service", StringComparison.Ordinal))
            {
                return identity.Unit;
            }
        }

        return task.IsKernelThread ? task.Command : task.ProcessCommand;
    }
}
