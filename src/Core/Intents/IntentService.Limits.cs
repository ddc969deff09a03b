using Coxswain.Core.Safety;

namespace Coxswain.Core.Intents;

// What the operator of the machine allows, and what must be confirmed.
public sealed partial class IntentService
{
    private static readonly TimeSpan s_rateWindow = TimeSpan.FromMinutes(1);

    // Where there are few, a share says nothing: one service of three threads may be all there is.
    private const int LeastPods = 4;
    private const int LeastThreads = 40;

    private readonly Queue<DateTimeOffset> _recent = [];
    private readonly UpperUse _upperUse = new();

    /// <summary>The operator's bounds.</summary>
    public OperatorLimits Limits { get; init; } = OperatorLimits.Default;

    /// <summary>What a refusal says while <see cref="IsReadOnly"/>.</summary>
    public const string ReadOnlyReason = "this server is read-only: nothing can be changed through it";

    /// <summary>Tells whether nothing may be changed. What ends by itself ends all the same.</summary>
    public Func<bool> IsReadOnly { get; init; } = static () => false;

    private void RefuseReadOnly()
    {
        if (IsReadOnly())
        {
            throw new IntentRejectedException(RejectionCause.ReadOnly, ReadOnlyReason);
        }
    }

    private void RefuseBeyondLimits(IntentRequest request)
    {
        RefuseAbsentCpus(request);
        if (request.TtlSeconds > Limits.MaxTtlSeconds)
        {
            throw Exceeded($"ttl_seconds={request.TtlSeconds} is above the maximum {Limits.MaxTtlSeconds} (limit max_ttl_seconds, set by the operator)");
        }

        var slice = request.Effect.SliceUs;
        if (slice != 0 && (slice < Limits.MinSliceUs || slice > Limits.MaxSliceUs))
        {
            throw Exceeded($"slice_us={slice} is outside {Limits.MinSliceUs} to {Limits.MaxSliceUs} (limits min_slice_us, max_slice_us, set by the operator)");
        }
    }

    private void RefuseBeyondLimits(Intent? previous, Resolution resolution, IntentRequest request)
    {
        if (previous is null && _book.Active.Count >= Limits.MaxActiveChanges)
        {
            throw Exceeded($"{_book.Active.Count} changes are active, at most {Limits.MaxActiveChanges} can be; revert one first");
        }

        if (resolution.Tasks.Count > Limits.MaxTasksPerChange)
        {
            throw Exceeded($"{resolution.Tasks.Count} threads are named, at most {Limits.MaxTasksPerChange} can be covered by one change; narrow the selection");
        }

        RefusePinningAll(previous, request);
        if (request.Effect.IsUpper)
        {
            RefuseEverythingFirst(resolution);
            RefuseBusyUppers(previous);
        }
    }

    // Somebody has to be able to run who is pinned nowhere.
    private void RefusePinningAll(Intent? previous, IntentRequest request)
    {
        if (request.Effect.Cpus is not { IsHard: true } wanted || Limits.MinUnpinnedCpus == 0)
        {
            return;
        }

        var online = OnlineCpus();
        if (online.Count <= Limits.MinUnpinnedCpus)
        {
            return; // there is no other CPU for anybody
        }

        var taken = _book.Active.Where(intent => intent.Number != previous?.Number).Select(intent => intent.Request.Effect.Cpus)
            .OfType<CpuChoice>().Where(cpus => cpus.IsHard).SelectMany(cpus => cpus.Cpus).Where(online.Contains).ToHashSet();
        taken.UnionWith(wanted.Cpus);
        if (online.Count - taken.Count < Limits.MinUnpinnedCpus)
        {
            throw Exceeded(
                $"cpus=\"{wanted}\": hard CPU sets would take CPUs {CpuChoice.Format(taken)} of {CpuChoice.Format(online)}, and at least " +
                $"{Limits.MinUnpinnedCpus} must be left without (limit min_unpinned_cpus, set by the operator); name fewer, or pass hard=false");
        }
    }

    private void RefuseBusyUppers(Intent? previous)
    {
        NoteUpperUse();
        if (previous is null && _upperUse.Percent is { } used && used > Limits.MaxUpperCpuPercent)
        {
            throw Exceeded(
                $"high and latency_critical tasks used {used:0} % of the CPU time of the last {UpperUse.Window.TotalSeconds:0} s, and above " +
                $"{Limits.MaxUpperCpuPercent} % no more are taken (limit max_upper_cpu_pct, set by the operator); revert a change of these " +
                "classes, or give it a budget_pct, or put others to low or background");
        }
    }

    private void NoteUpperUse()
    {
        var snapshot = _scheduler.Snapshot();
        if (snapshot.Attached)
        {
            _upperUse.Note(snapshot.Classes, snapshot.Cpus, IntentClock.Now(_time));
        }
    }

    // If everything comes first, nothing does.
    private void RefuseEverythingFirst(Resolution resolution)
    {
        var upper = _book.Active.Where(intent => intent.Request.Effect.IsUpper).ToList();
        if (resolution.Pods.Count > 0)
        {
            var all = _pods.Table.Pods;
            var covered = all.Count(pod => resolution.Target.Names(pod) || upper.Any(intent => intent.Request.Selector.NamesPods && intent.Target.Names(pod)));
            RefuseShare("pods", covered, all.Count, LeastPods);
        }
        else if (!resolution.Target.IsById)
        {
            RefuseShare("threads", resolution.Tasks.Count, resolution.Total, LeastThreads);
        }
    }

    private void RefuseShare(string what, int covered, int all, int least)
    {
        if (all >= least && covered * 100L > (long)all * Limits.MaxUpperSharePercent)
        {
            throw Exceeded(
                $"{covered} of the {all} {what} of this machine would be high or latency_critical, and where everything comes first nothing does: " +
                $"at most {Limits.MaxUpperSharePercent} % can be (limit max_upper_share_pct); name fewer, or put others to low or background");
        }
    }

    private string Unconfirmed(IntentPlan plan) =>
        plan.Previous is not null ? "" : WhyConfirmed("it covers", plan.Resolution.Tasks.Count, plan.Resolution.Pods.Count);

    private string WhyConfirmed(string covers, int tasks, int pods) =>
        tasks > Limits.ConfirmAboveTasks ? $"{covers} {tasks} threads, more than {Limits.ConfirmAboveTasks}" :
        pods > Limits.ConfirmAbovePods ? $"{covers} {pods} pods, more than {Limits.ConfirmAbovePods}" : "";

    private void RefuseUnconfirmed(IntentPlan plan)
    {
        if (!plan.Intent.Request.Confirmed && Unconfirmed(plan) is { Length: > 0 } why)
        {
            throw new IntentRejectedException(RejectionCause.Unconfirmed, why);
        }
    }

    private void RefuseHaste()
    {
        var now = _time.GetUtcNow();
        while (_recent.Count > 0 && now - _recent.Peek() >= s_rateWindow)
        {
            _recent.Dequeue();
        }

        if (_recent.Count >= Limits.MaxChangesPerMinute)
        {
            throw Exceeded($"{_recent.Count} changes were made within the last minute, at most {Limits.MaxChangesPerMinute} can be (limit max_changes_per_minute); wait");
        }

        _recent.Enqueue(now);
    }

    private static IntentRejectedException Exceeded(string message) => new(RejectionCause.LimitExceeded, message);
}
