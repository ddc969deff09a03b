namespace Coxswain.Core.Intents;

/// <summary>The previews of the last minute.</summary>
public sealed class PlanBook
{
    // As in the ids of changes, without what looks alike.
    private const string IdAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int MaxPlans = 100;
    private const int MaxShown = 5;

    private readonly LinkedList<Kept> _plans = [];

    /// <summary>How long a preview can be applied.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Keeps a plan.</summary>
    /// <returns>Its id, e.g. pln_7f2kq.</returns>
    internal string Keep(IntentPlan plan, DateTimeOffset now)
    {
        var id = "pln_" + new string(Random.Shared.GetItems<char>(IdAlphabet, 5));
        _plans.AddFirst(new Kept(id, now + Lifetime, plan.Intent.Request, plan.Named()));
        while (_plans.Count > MaxPlans || _plans.Last!.Value.ExpiresAt <= now)
        {
            _plans.RemoveLast();
        }

        return id;
    }

    /// <exception cref="IntentRejectedException">The plan is unknown or too old, is another one, or what it names has changed.</exception>
    internal void Check(string id, IntentPlan plan, DateTimeOffset now)
    {
        var kept = _plans.FirstOrDefault(candidate => candidate.Id == id && candidate.ExpiresAt > now) ??
            throw Stale($"plan_id {Workloads.CommandText.Clean(id, 40)} is unknown or older than {Lifetime.TotalSeconds:0} s");
        var (before, after) = (kept.Request, plan.Intent.Request);
        if (before.Author != after.Author || before.Effect != after.Effect || before.TtlSeconds != after.TtlSeconds || before.UntilPodsEnd != after.UntilPodsEnd ||
            before.Guard != after.Guard || !before.Selector.Equals(after.Selector))
        {
            throw Stale($"plan_id {id} was made for other arguments ({before.Selector})");
        }

        var named = plan.Named();
        var changed = named.Where(pair => kept.Named.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => $"{pair.Key} is new")
            .Concat(kept.Named.Keys.Where(name => !named.ContainsKey(name)).Select(name => $"{name} ended")).ToList();
        if (changed.Count > 0)
        {
            var more = changed.Count > MaxShown ? $" and {changed.Count - MaxShown} more" : "";
            throw Stale($"plan_id {id} no longer fits: {string.Join(", ", changed.Take(MaxShown))}{more}");
        }
    }

    private static IntentRejectedException Stale(string message) => new(RejectionCause.StalePlan, message);

    private sealed record Kept(string Id, DateTimeOffset ExpiresAt, IntentRequest Request, SortedDictionary<string, string> Named);
}
