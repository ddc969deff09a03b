using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Tools;

/// <summary>The ways in which tools name threads.</summary>
internal static class SelectorArguments
{
    public const string Class = "latency_critical: before and preempting lower ones; high: sooner; normal: as without a change; low: a quarter share; background: when there is room.";

    public const string Pids = "Process ids (all threads) or thread ids (just that one). Excludes other ways of naming.";

    public const string Command = "Regex over names of processes (all threads) and threads, unanchored, e.g. ^(amf|smf)$; exe: or cmdline: before it matches these.";

    public const string Namespace = "Namespace of the pods.";

    public const string Labels = "Label expressions as in kubectl, e.g. app=upf,tier in (a,b),!canary";

    public const string Pods = "Names of pods, e.g. upf-0.";

    public const string Cgroup = "Cgroup with all below, e.g. /system.slice";

    public const string Unit = "systemd unit, e.g. nginx.service";

    public const string Uid = "Real user id.";

    public const string BudgetPct = "Of one CPU, for each thread at high or latency_critical; above: normal.";

    public const string UntilPodsEnd = "true: only the pods there now; ends with the last.";

    public const string TtlSeconds = "It ends then.";

    public const string Reason = "Why, for review.";

    public const string Guard =
        "Reverts it when that waits too long: {workload: command:^web (pod, labels, pid, cgroup, unit; or others: whom no change touches), " +
        "metric: wait_p99_us, worse_than: 5000, for_seconds: 3}.";

    public const string PlanId = "From dry_run: refused if what it named has changed.";

    public const string Confirm = "When a refusal asks.";

    public const string Conflict = "Another client's change for the same pods: replace goes before it.";

    public const int MaxCgroupLength = 1024;

    public const int MaxUnitLength = 255;

    /// <summary>Reads what names tasks.</summary>
    /// <exception cref="ToolRefusedException">Nothing is named.</exception>
    public static Selector OfTasks(int[]? pids, string? command, string? cgroup, string? unit, int? uid) =>
        pids is null && command is null && cgroup is null && unit is null && uid is null
            ? throw new ToolRefusedException(
                "no task is named: give pids (e.g. [4242]), command (a regex, e.g. \"^nginx\"), cgroup, unit or uid; list_tasks shows them")
            : new Selector { Pids = pids ?? [], Command = command ?? "", Cgroup = cgroup ?? "", Unit = unit ?? "", Uid = uid };

    /// <summary>Reads what names pods.</summary>
    /// <exception cref="ToolRefusedException">Nothing is named.</exception>
    public static Selector OfPods(string? space, string? labels, string[]? pods, string? command) =>
        space is null && labels is null && pods is null
            ? throw new ToolRefusedException("no pod is named: give namespace, label_selector or pods; list_pods shows them")
            : new Selector { Namespace = space ?? "", Labels = labels ?? "", PodNames = pods ?? [], Command = command ?? "" };

    /// <summary>Reads what names tasks or pods, whichever is given.</summary>
    /// <exception cref="ToolRefusedException">Nothing is named.</exception>
    public static Selector Of(int[]? pids, string? command, string? space, string? labels, string[]? pods, string? cgroup, string? unit) =>
        space is null && labels is null && pods is null
            ? OfTasks(pids, command, cgroup, unit, null)
            : new Selector
            {
                Namespace = space ?? "",
                Labels = labels ?? "",
                PodNames = pods ?? [],
                Command = command ?? "",
                Pids = pids ?? [],
                Cgroup = cgroup ?? "",
                Unit = unit ?? "",
            };
}
