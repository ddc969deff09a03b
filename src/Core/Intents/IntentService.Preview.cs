using Coxswain.Core.Intents.State;

namespace Coxswain.Core.Intents;

// What an intent would do, found out in the same way whether it is then done or not.
public sealed partial class IntentService
{
    private const int MaxNamedPods = 5;

    /// <summary>Tells what applying an intent would do now, and why it would be refused. Changes nothing.</summary>
    /// <exception cref="IntentRejectedException">It would be refused, for another reason than a conflict or a missing confirmation.</exception>
    public PreviewResult Preview(IntentRequest request)
    {
        request = Checked(request);
        lock (_gate)
        {
            try
            {
                RequireAttached();
                EndExpired();
                var plan = MakePlan(request);
                var before = ReadDirectives(plan.Resolution.Tasks);
                return new PreviewResult(
                    _plans.Keep(plan, _time.GetUtcNow()), plan.Previous is not null, Compile(plan, before), plan.Resolution.Skipped,
                    plan.Resolution.Pods, plan.Conflicts, Unconfirmed(plan));
            }
            finally
            {
                Reschedule();
            }
        }
    }

    private IntentPlan MakePlan(IntentRequest request, SavedChange? saved = null)
    {
        RefuseBeyondLimits(request);
        var previous = _book.FindSame(request);
        var resolution = _resolver.Resolve(request, _book.Details);
        RefuseBeyondLimits(previous, resolution, request);
        RefuseManyGuards(request, previous);
        var conflicts = Conflicts(request, resolution);
        // What is replaced may be more specific, and must not win nevertheless.
        var specificity = conflicts.Select(conflict => conflict.Change.Specificity).Append(request.Selector.Specificity)
            .Append(previous?.Specificity ?? 0).Append(saved?.Specificity ?? 0).Max();
        return new IntentPlan(NewIntent(request, resolution.Target, previous, specificity, _book.NextRank(), saved), previous, resolution, conflicts);
    }

    private Intent NewIntent(IntentRequest request, ResolvedSelector target, Intent? previous, int specificity, long rank, SavedChange? saved = null)
    {
        var lifetime = TimeSpan.FromSeconds(request.TtlSeconds);
        return new Intent
        {
            Number = previous?.Number ?? _book.NextNumber(),
            Id = previous?.Id ?? saved?.Id ?? _book.NextId(),
            Request = request,
            Target = target,
            CreatedAt = previous?.CreatedAt ?? saved?.CreatedAt ?? _time.GetUtcNow(),
            ExpiresAt = _time.GetUtcNow() + lifetime,
            ExpiresNs = IntentClock.Now(_time) + (ulong)(lifetime.Ticks * TimeSpan.NanosecondsPerTick),
            Specificity = specificity,
            Rank = rank,
            Processes = previous?.Processes ?? [],
            SeenUntil = previous?.SeenUntil ?? 0,
        };
    }

    private List<PlannedConflict> Conflicts(IntentRequest request, Resolution resolution)
    {
        var conflicts = new List<PlannedConflict>();
        foreach (var other in _book.Active.Where(other => other.Request.Selector.NamesPods && IsInTheWay(other.Request, request)))
        {
            var pods = resolution.Pods.Where(other.Target.Names).ToList();
            if (pods.Count > 0)
            {
                conflicts.Add(new PlannedConflict(other.Describe(), pods));
            }
        }

        return conflicts;
    }

    private static bool IsInTheWay(IntentRequest other, IntentRequest request) =>
        other.Author != request.Author &&
        ((other.Effect.Class != SchedulingClass.Unset && request.Effect.Class != SchedulingClass.Unset) ||
            (other.Effect.SliceUs != 0 && request.Effect.SliceUs != 0) ||
            (other.Effect.Cpus is not null && request.Effect.Cpus is not null));

    private void RefuseConflicts(IntentPlan plan)
    {
        if (plan.Conflicts.Count > 0 && !plan.Intent.Request.Replaces)
        {
            var (change, pods) = plan.Conflicts[0];
            var more = pods.Count > MaxNamedPods ? $" and {pods.Count - MaxNamedPods} more" : "";
            var left = (int)Math.Ceiling((change.ExpiresAt - _time.GetUtcNow()).TotalSeconds);
            throw new IntentRejectedException(
                RejectionCause.Conflict,
                $"pods {string.Join(", ", pods.Take(MaxNamedPods).Select(pod => pod.Title))}{more} are already covered by {change.Id} " +
                $"of \"{change.Request.Author}\", for {left} s more");
        }
    }

    // The intent is put into the book for a moment, so that what decides is the real thing.
    private List<PlannedTask> Compile(IntentPlan plan, IReadOnlyList<TaskDirective?> before)
    {
        _book.Put(plan.Intent);
        try
        {
            var tasks = new List<PlannedTask>(before.Count);
            for (var i = 0; i < before.Count; i++)
            {
                var directive = _compiler.Compile(plan.Resolution.Tasks[i]);
                var number = plan.Intent.Number;
                tasks.Add(new PlannedTask(
                    plan.Resolution.Tasks[i], before[i], View(directive), directive.ClassIntent != number && directive.SliceIntent != number && directive.CpusIntent != number));
            }

            return tasks;
        }
        finally
        {
            _book.Remove(plan.Intent);
            if (plan.Previous is not null)
            {
                _book.Put(plan.Previous);
            }

            // Others noted that they were overridden; let them look again.
            foreach (var task in plan.Resolution.Tasks)
            {
                _compiler.Compile(task);
            }
        }
    }
}
