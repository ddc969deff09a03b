using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Tools;

/// <summary>The ways in which tools name threads.</summary>
internal static class SelectorArguments
{
    // Said in full where an argument is met first; elsewhere an example says enough, as a model sees the whole list.
    public const string Class = "latency_critical: before and preempting lower ones; high: sooner; normal: as without a change; low: a quarter share; background: when there is room.";

    public const string ClassAgain = "See prioritize_pods.";

    public const string Pids = "Process (all threads) or thread ids, e.g. [4242]. Excludes other ways of naming.";

    public const string PidsAgain = "e.g. [4242]";

    public const string Command = "Regex over names of processes (all threads) and threads, e.g. ^(amf|smf)$; exe: or cmdline: before it for these.";

    public const string CommandAgain = "Regex, e.g. ^nginx";

    public const string Namespace = "e.g. free5gc";

    public const string Labels = "Label expressions as in kubectl, e.g. app=upf,tier in (a,b),!canary";

    public const string LabelsAgain = "e.g. app=upf,!canary";

    public const string Pods = "e.g. [upf-0]";

    public const string Cgroup = "With all below, e.g. /system.slice";

    public const string CgroupAgain = "e.g. /system.slice";

    public const string Unit = "e.g. nginx.service";

    public const string Uid = "User id, e.g. 1000";

    public const string Cpus = "CPU list, e.g. 4-7 or 0,2";

    public const string CpusAgain = "e.g. 4-7,12";

    public const string Hard = "false: others too when these are busy.";

    public const string BudgetPct = "Of one CPU, for each thread at high or latency_critical; above: normal.";

    public const string BudgetPctAgain = "Of one CPU, e.g. 50";

    public const string UntilPodsEnd = "true: only the pods there now; ends with the last.";

    public const string TtlSeconds = "Lifetime, e.g. 1800";

    public const string Reason = "Why, e.g. slow pings";

    public const string Guard =
        "Reverts it when that waits too long: workload is command:^web, pod:, labels:, pid:, cgroup:, unit:, or others (whom no change touches).";

    public const string GuardAgain = "e.g. {worse_than_us: 5000}";

    public const string PlanId = "From dry_run, e.g. pln_7f2kq: refused if what it named has changed.";

    public const string PlanIdAgain = "e.g. pln_7f2kq";

    public const string Confirm = "When a refusal asks.";

    public const string Conflict = "Another client's change for the same pods: replace goes before it.";

    public const string ConflictAgain = "replace: before another's";

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
    public static Selector Of(int[]? pids, string? command, string? space, string? labels, string[]? pods, string? cgroup = null, string? unit = null, int? uid = null) =>
        space is null && labels is null && pods is null
            ? OfTasks(pids, command, cgroup, unit, uid)
            : new Selector
            {
                Namespace = space ?? "",
                Labels = labels ?? "",
                PodNames = pods ?? [],
                Command = command ?? "",
                Pids = pids ?? [],
                Cgroup = cgroup ?? "",
                Unit = unit ?? "",
                Uid = uid,
            };

    /// <summary>Reads CPUs.</summary>
    /// <param name="cpus">The list.</param>
    /// <param name="hard">These only, instead of: preferably these.</param>
    /// <exception cref="ToolRefusedException">It is no such list.</exception>
    public static IntentEffect ReadCpus(string cpus, bool hard) => IntentEffect.OfCpus(
        CpuChoice.TryParse(cpus, hard) ?? throw new ToolRefusedException("cpus must be a list such as \"4-7\" or \"0,2\", with the smaller number first"));
}
