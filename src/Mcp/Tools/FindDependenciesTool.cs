using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class FindDependenciesTool(
    IObserver observer, ObservedWindow window, IntentService intents, PodRegistry registry, ProtectedTasks protectedTasks, TimeProvider time)
{
    [McpServerTool(
        Name = "find_dependencies", Title = "Find dependencies", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Finds the processes that a workload in use works with, by who wakes whom: the way of a request. Call it before prioritising a " +
        "service, and prioritise all of them.")]
    public async Task<DependencyResult> FindDependencies(
        IProgress<ProgressNotificationValue> progress,
        [Description("As in get_metrics.")]
        ObservedScopeName scope,
        [Description("As in get_metrics.")]
        [StringLength(ObservedArguments.MaxNameLength)]
        string name,
        [Description("Seconds, up to now.")]
        [Range(1, ObservedWindow.Most)]
        int window_seconds = 10,
        CancellationToken cancellationToken = default)
    {
        var chosen = scope == ObservedScopeName.Machine
            ? throw new ToolRefusedException("the whole machine has no chain: choose another scope, e.g. scope=\"pod\"")
            : ObservedArguments.Read(scope, name, intents, registry);
        await Task.Run(registry.Refresh, cancellationToken).ConfigureAwait(false);
        var (first, last) = await window.WaitAsync(window_seconds, afresh: false, progress, cancellationToken).ConfigureAwait(false);
        first = Math.Max(first, observer.State.PairsFrom);
        var seconds = last >= first ? last - first + 1 : 0;
        var chain = WakeChain.Find(observer.Wakes(first, last), chosen.Includes);
        double wakeups = chain.Sum(process => process.Wakeups), waiting = chain.Sum(process => process.WaitNs);
        return new DependencyResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            WindowSeconds = (int)seconds,
            Chain = [.. chain.Select(process => Row(process, seconds, wakeups, waiting))],
            // Who is protected may be part of a chain, but a change that names it is refused.
            IncludePids = [.. chain.Where(process => protectedTasks.WhyProtected(Described(process.Leader)) is null).Select(process => process.ProcessId)],
            IncludePods = [.. chain.Select(process => PodOf(process.Leader)).OfType<string>().Distinct()],
            Hint = Hint(chain),
        };
    }

    private DependencyRow Row(ChainProcess process, uint seconds, double wakeups, double waiting) => new()
    {
        Pid = process.ProcessId,
        Command = process.Leader.ProcessCommand,
        Pod = PodOf(process.Leader),
        Unit = process.Leader.Cgroup.Length > 0 ? Wire.Text(registry.Identify(process.Leader.Cgroup).Unit) : null,
        Class = ObservedArguments.ClassOf(process.Leader, intents) is var found && found == SchedulingClass.Normal ? null : Wire.Class(found),
        Protected = protectedTasks.WhyProtected(Described(process.Leader)),
        Target = process.IsTarget ? true : null,
        WokenByPid = process.WokenBy > 0 ? process.WokenBy : null,
        WakeupsPerSecond = seconds > 0 ? Math.Round((double)process.Wakeups / seconds, 1) : 0,
        WakeupsPct = wakeups > 0 ? Math.Round(100 * process.Wakeups / wakeups, 1) : 0,
        WaitPct = waiting > 0 ? Math.Round(100 * process.WaitNs / waiting, 1) : 0,
        WaitMeanUs = process.Wakeups > 0 ? Math.Round(process.WaitNs / 1e3 / process.Wakeups, 1) : 0,
    };

    private static TaskInfo Described(ObservedTask leader) => new()
    {
        Key = leader.Key,
        Process = leader.Key,
        Command = leader.Command,
        ProcessCommand = leader.ProcessCommand,
        IsKernelThread = leader.IsKernelThread,
        Cgroup = leader.Cgroup,
    };

    private string? PodOf(ObservedTask task) => task.Cgroup.Length > 0 ? registry.Table.Of(registry.Identify(task.Cgroup))?.Title : null;

    private static string Hint(IReadOnlyList<ChainProcess> chain) => chain.Count switch
    {
        0 => "No process woke what was named, or was woken by it, in this time: is it in use? list_tasks shows what there is.",
        1 => "It works alone: nobody else is part of its requests.",
        _ => "Prioritise all of them: prioritize_tasks(pids=include_pids), or the pods.",
    };
}
