using Coxswain.Core.Kernel;

namespace Coxswain.Core.Intents;

// What several intents that are asked for in one call cover together: many small ones must not get past a bound that one large one does not.
public sealed partial class IntentService
{
    /// <summary>Tells why requests that are to be applied one after the other must be confirmed. Changes nothing.</summary>
    /// <param name="requests">The requests. One that would be refused for another reason, or only renews a change, covers nothing here.</param>
    /// <returns>How many threads or pods they cover together, each counted once, and how many may be without; empty when that is not more.</returns>
    public string Unconfirmed(IEnumerable<IntentRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var readable = requests.Select(TryCheck).OfType<IntentRequest>().ToList();
        var tasks = new HashSet<TaskKey>();
        var pods = new HashSet<string>(StringComparer.Ordinal);
        var entries = 0;
        lock (_gate)
        {
            try
            {
                RequireAttached();
                EndExpired();
                foreach (var plan in readable.Select(TryPlan).OfType<IntentPlan>())
                {
                    entries++;
                    tasks.UnionWith(plan.Resolution.Tasks.Select(task => task.Key));
                    pods.UnionWith(plan.Resolution.Pods.Select(pod => pod.Uid));
                }
            }
            catch (IntentRejectedException)
            {
                // Without a scheduler each of them is refused anyway.
                return "";
            }
            finally
            {
                Reschedule();
            }
        }

        return WhyConfirmed(entries > 1 ? $"its {entries} entries together cover" : "it covers", tasks.Count, pods.Count);
    }

    private IntentRequest? TryCheck(IntentRequest request)
    {
        try
        {
            return Checked(request);
        }
        catch (IntentRejectedException)
        {
            return null;
        }
    }

    private IntentPlan? TryPlan(IntentRequest request)
    {
        try
        {
            var plan = MakePlan(request);
            return plan.Previous is not null || (plan.Conflicts.Count > 0 && !request.Replaces) ? null : plan;
        }
        catch (IntentRejectedException)
        {
            return null;
        }
    }
}
