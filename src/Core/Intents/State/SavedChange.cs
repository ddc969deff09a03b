namespace Coxswain.Core.Intents.State;

/// <summary>One active change, with all that it takes to put it back in force.</summary>
public sealed record SavedChange
{
    /// <summary>See <see cref="Change.Id"/>.</summary>
    public required string Id { get; init; }

    /// <summary>See <see cref="IntentRequest.Author"/>.</summary>
    public required string Author { get; init; }

    /// <summary>See <see cref="IntentRequest.TraceId"/>.</summary>
    public string TraceId { get; init; } = "";

    /// <summary>See <see cref="IntentRequest.Reason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was first applied.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its lifetime is over.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The same on the clock of that boot, CLOCK_MONOTONIC ns: the date may be set meanwhile.</summary>
    public required ulong ExpiresNs { get; init; }

    /// <summary>Its whole lifetime, s.</summary>
    public required int TtlSeconds { get; init; }

    /// <summary>See <see cref="Change.Specificity"/>.</summary>
    public required int Specificity { get; init; }

    /// <summary>Scheduling class; <see cref="SchedulingClass.Unset"/>: none.</summary>
    public SchedulingClass Class { get; init; }

    /// <summary>Time slice, µs; 0: none.</summary>
    public int SliceUs { get; init; }

    /// <summary>See <see cref="IntentEffect.BudgetPercent"/>.</summary>
    public int BudgetPercent { get; init; }

    /// <summary>CPUs, e.g. "0-3,8"; empty: none.</summary>
    public string Cpus { get; init; } = "";

    /// <summary>True: on these CPUs only.</summary>
    public bool CpusAreHard { get; init; }

    /// <summary>The processes and threads that it names by id.</summary>
    public IReadOnlyList<SavedTask> Tasks { get; init; } = [];

    /// <summary>See <see cref="Selector.Command"/>.</summary>
    public string Command { get; init; } = "";

    /// <summary>See <see cref="Selector.Namespace"/>.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>See <see cref="Selector.Labels"/>.</summary>
    public string Labels { get; init; } = "";

    /// <summary>See <see cref="Selector.PodNames"/>.</summary>
    public IReadOnlyList<string> PodNames { get; init; } = [];

    /// <summary>See <see cref="Selector.Cgroup"/>.</summary>
    public string Cgroup { get; init; } = "";

    /// <summary>See <see cref="Selector.Unit"/>.</summary>
    public string Unit { get; init; } = "";

    /// <summary>See <see cref="Selector.Uid"/>.</summary>
    public int? Uid { get; init; }

    /// <summary>Uids of the pods that it is bound to; null when it is not.</summary>
    public IReadOnlyList<string>? BoundPods { get; init; }

    /// <summary>On which condition it is taken back by itself; null: on none.</summary>
    public SavedGuard? Guard { get; init; }

    internal static SavedChange Of(Intent intent)
    {
        var (request, selector, effect) = (intent.Request, intent.Request.Selector, intent.Request.Effect);
        return new SavedChange
        {
            Id = intent.Id,
            Author = request.Author,
            TraceId = request.TraceId,
            Reason = request.Reason,
            CreatedAt = intent.CreatedAt,
            ExpiresAt = intent.ExpiresAt,
            ExpiresNs = intent.ExpiresNs,
            TtlSeconds = request.TtlSeconds,
            Specificity = intent.Specificity,
            Class = effect.Class,
            SliceUs = effect.SliceUs,
            BudgetPercent = effect.BudgetPercent,
            Cpus = effect.Cpus?.ToString() ?? "",
            CpusAreHard = effect.Cpus?.IsHard ?? false,
            Tasks = [.. intent.Target.Processes.Concat(intent.Target.Threads).OrderBy(task => task.Tid).Select(task => new SavedTask(task.Tid, task.StartTicks))],
            Command = selector.Command,
            Namespace = selector.Namespace,
            Labels = selector.Labels,
            PodNames = selector.PodNames,
            Cgroup = selector.Cgroup,
            Unit = selector.Unit,
            Uid = selector.Uid,
            Guard = request.Guard is { } guard ? SavedGuard.Of(guard) : null,
            BoundPods = intent.Target.OnlyPods is { } pods ? [.. pods.Order(StringComparer.Ordinal)] : null,
        };
    }

    /// <summary>What was asked for, for the rest of its lifetime.</summary>
    /// <param name="ttlSeconds">What is left of it, s.</param>
    /// <param name="living">Those of <see cref="Tasks"/> that are still there.</param>
    internal IntentRequest ToRequest(int ttlSeconds, IEnumerable<SavedTask> living) => new()
    {
        Selector = new Selector
        {
            Pids = [.. living.Select(task => task.Tid)],
            Command = Command,
            Namespace = Namespace,
            Labels = Labels,
            PodNames = PodNames,
            Cgroup = Cgroup,
            Unit = Unit,
            Uid = Uid,
        },
        Effect = new IntentEffect(Class, SliceUs)
        {
            BudgetPercent = BudgetPercent,
            Cpus = Cpus.Length == 0 ? null : CpuChoice.TryParse(Cpus, CpusAreHard) ??
                throw new IntentRejectedException(RejectionCause.Invalid, "its CPUs are no list"),
        },
        TtlSeconds = ttlSeconds,
        UntilPodsEnd = BoundPods is not null,
        BoundPods = BoundPods?.ToHashSet(),
        Guard = Guard?.ToGuard(),
        Reason = Reason,
        Author = Author,
        TraceId = TraceId,
        Replaces = true,
        Confirmed = true,
    };
}
