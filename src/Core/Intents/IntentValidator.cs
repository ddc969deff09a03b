using Coxswain.Core.Safety;

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
        if (request.TtlSeconds is < IntentLimits.MinTtlSeconds or > IntentLimits.MaxTtlSeconds)
        {
            problems.Add($"ttl_seconds={request.TtlSeconds} is outside {IntentLimits.MinTtlSeconds} to {IntentLimits.MaxTtlSeconds}");
        }

        if (request.Reason.Length > IntentLimits.MaxReasonLength)
        {
            problems.Add($"reason has {request.Reason.Length} characters, at most {IntentLimits.MaxReasonLength} are kept");
        }

        return problems;
    }

    private static void CheckSelector(Selector selector, List<string> problems)
    {
        if (selector.Command.Length > 0)
        {
            if (CommandPattern.TryCreate(selector.Command, out var problem) is null)
            {
                problems.Add(problem);
            }

            return;
        }

        if (selector.Pids.Count == 0)
        {
            problems.Add("no task is named: give pids (e.g. [4242]) or command (a regex, e.g. \"^nginx\")");
        }
        else if (selector.Pids.Count > IntentLimits.MaxPids)
        {
            problems.Add($"pids has {selector.Pids.Count} entries, at most {IntentLimits.MaxPids} are allowed; a command regex names more");
        }

        if (selector.Pids.Where(pid => pid is < 1 or > IntentLimits.MaxPid).Select(pid => (int?)pid).FirstOrDefault() is { } wrong)
        {
            problems.Add($"pid {wrong} is outside 1 to {IntentLimits.MaxPid}");
        }
    }

    private static void CheckEffect(IntentEffect effect, List<string> problems)
    {
        if (effect is { Class: SchedulingClass.Unset, SliceUs: 0 })
        {
            problems.Add("neither a class nor a slice is given");
        }

        if (effect.Class > SchedulingClass.LatencyCritical)
        {
            problems.Add($"class {(uint)effect.Class} does not exist");
        }

        if (effect.SliceUs != 0 && effect.SliceUs is < IntentLimits.MinSliceUs or > IntentLimits.MaxSliceUs)
        {
            problems.Add($"slice_us={effect.SliceUs} is outside {IntentLimits.MinSliceUs} to {IntentLimits.MaxSliceUs}");
        }
    }
}
