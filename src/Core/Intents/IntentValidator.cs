using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Checks what can be checked of a request without looking at the machine.</summary>
public static class IntentValidator
{
    /// <summary>Finds everything that is wrong with a request.</summary>
    /// <returns>One sentence part for each problem, saying what is allowed; empty when there is none.</returns>
    public static IReadOnlyList<string> Problems(IntentRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = new List<string>();
        CheckSelector(request.Selector, problems);
        CheckEffect(request.Effect, problems);
        CheckGuard(request.Guard, problems);
        if (request.TtlSeconds is < IntentLimits.MinTtlSeconds or > IntentLimits.MaxTtlSeconds)
        {
            problems.Add($"ttl_seconds={request.TtlSeconds} is outside {IntentLimits.MinTtlSeconds} to {IntentLimits.MaxTtlSeconds}");
        }

        if (request.Reason.Length > IntentLimits.MaxReasonLength)
        {
            problems.Add($"reason has {request.Reason.Length} characters, at most {IntentLimits.MaxReasonLength} are kept");
        }

        if (request.UntilPodsEnd && !request.Selector.NamesPods)
        {
            problems.Add("until_pods_end needs pods: give namespace, label_selector or pods");
        }

        return problems;
    }

    private static void CheckSelector(Selector selector, List<string> problems)
    {
        var others = selector.NamesPods || selector.Command.Length > 0 || selector.Cgroup.Length > 0 || selector.Unit.Length > 0 || selector.Uid is not null;
        if (selector.Pids.Count > 0)
        {
            CheckPids(selector.Pids, problems);
            if (others)
            {
                problems.Add("pids cannot be combined with another way of naming");
            }
        }
        else if (!others)
        {
            problems.Add("no task is named: give pids (e.g. [4242]) or command (a regex, e.g. \"^nginx\")");
        }

        if (selector.Command.Length > 0 && CommandPattern.TryCreate(selector.Command, out var wrong) is null)
        {
            problems.Add(wrong);
        }

        if (selector.Labels.Length > 0 && LabelSelector.TryParse(selector.Labels, out wrong) is null)
        {
            problems.Add(wrong);
        }

        if (selector.PodNames.Count > IntentLimits.MaxPodNames)
        {
            problems.Add($"pods has {selector.PodNames.Count} entries, at most {IntentLimits.MaxPodNames} are allowed; label_selector names more");
        }

        if (selector.NamesPods && (selector.Cgroup.Length > 0 || selector.Unit.Length > 0))
        {
            problems.Add("pods cannot be combined with cgroup or unit");
        }

        if (selector.Cgroup.Length > 0 && (selector.Cgroup is not ['/', not '/', ..] || selector.Cgroup.EndsWith('/')))
        {
            problems.Add("cgroup must be a path below the root, e.g. \"/system.slice/nginx.service\"");
        }

        if (selector.Unit.Contains('/', StringComparison.Ordinal))
        {
            problems.Add("unit must be the name of a systemd unit, e.g. \"nginx.service\"; a path goes into cgroup");
        }
    }

    private static void CheckPids(IReadOnlyList<int> pids, List<string> problems)
    {
        if (pids.Count > IntentLimits.MaxPids)
        {
            problems.Add($"pids has {pids.Count} entries, at most {IntentLimits.MaxPids} are allowed; a command regex names more");
        }

        if (pids.Where(pid => pid is < 1 or > IntentLimits.MaxPid).Select(pid => (int?)pid).FirstOrDefault() is { } outside)
        {
            problems.Add($"pid {outside} is outside 1 to {IntentLimits.MaxPid}");
        }
    }

    private static void CheckGuard(IntentGuard? guard, List<string> problems)
    {
        if (guard is null)
        {
            return;
        }

        if (guard.MetricName.Length == 0)
        {
            problems.Add($"guard.metric must be {string.Join(", ", IntentGuard.Metrics.Select(known => known.Name))}");
        }

        if (guard.WorseThanUs is < 1 or > IntentGuard.MaxWorseThanUs)
        {
            problems.Add($"guard.worse_than_us={guard.WorseThanUs} is outside 1 to {IntentGuard.MaxWorseThanUs}");
        }

        if (guard.ForSeconds is < 1 or > IntentGuard.MaxForSeconds)
        {
            problems.Add($"guard.for_seconds={guard.ForSeconds} is outside 1 to {IntentGuard.MaxForSeconds}");
        }
    }

    private static void CheckEffect(IntentEffect effect, List<string> problems)
    {
        if (effect is { Class: SchedulingClass.Unset, SliceUs: 0, Cpus: null })
        {
            problems.Add("neither a class nor a slice nor CPUs are given");
        }

        if (effect.Class > SchedulingClass.LatencyCritical)
        {
            problems.Add($"class {(uint)effect.Class} does not exist");
        }

        if (effect.BudgetPercent is < 0 or > IntentLimits.MaxBudgetPercent)
        {
            problems.Add($"budget_pct={effect.BudgetPercent} is outside 1 to {IntentLimits.MaxBudgetPercent}");
        }
        else if (effect.BudgetPercent != 0 && !effect.IsUpper)
        {
            problems.Add("budget_pct bounds what high and latency_critical may use: give one of these classes with it");
        }

        if (effect.SliceUs != 0 && effect.SliceUs is < IntentLimits.MinSliceUs or > IntentLimits.MaxSliceUs)
        {
            problems.Add($"slice_us={effect.SliceUs} is outside {IntentLimits.MinSliceUs} to {IntentLimits.MaxSliceUs}");
        }
    }
}
