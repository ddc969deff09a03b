using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Experiments;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents.Experiments;

/// <summary>Tries intents out: switches them on and off, measures what that does, and keeps or reverts them. Thread-safe.</summary>
/// <remarks>However it ends, nothing that was tried stays in force but what was asked to be kept and has proved itself.</remarks>
public sealed class ExperimentService
{
    /// <summary>Most experiments at one time; their workloads never overlap.</summary>
    public const int MaxRunning = 4;

    private const string IdAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int IdLength = 5;

    private readonly Lock _gate = new();
    private readonly List<Entry> _running = [];
    private readonly IntentService _intents;
    private readonly IObserver _observer;
    private readonly PodRegistry _pods;
    private readonly ITaskSource _tasks;
    private readonly TimeProvider _time;
    private bool _closed;

    /// <summary>Creates the service.</summary>
    /// <param name="intents">Applies and reverts.</param>
    /// <param name="observer">Measures.</param>
    /// <param name="pods">Knows the pods.</param>
    /// <param name="tasks">Where threads are looked up.</param>
    /// <param name="time">Clock.</param>
    public ExperimentService(IntentService intents, IObserver observer, PodRegistry pods, ITaskSource tasks, TimeProvider time) =>
        (_intents, _observer, _pods, _tasks, _time) = (intents, observer, pods, tasks, time);

    /// <summary>Runs an experiment; ends when it is over.</summary>
    /// <param name="request">What is tried.</param>
    /// <param name="progress">Is told once a second; may be null.</param>
    /// <param name="cancellationToken">Ends it at once; what is tried is reverted first.</param>
    /// <exception cref="IntentRejectedException">Refused; nothing was changed.</exception>
    /// <exception cref="ObserverUnavailableException">This machine cannot be observed; nothing was changed.</exception>
    public async Task<ExperimentResult> RunAsync(
        ExperimentRequest request, IProgress<ExperimentProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var trial = Check(request);
        var named = new WorkloadMatch(request.Intent.Selector, _pods);
        var measured = request.Workload is { } workload && !workload.Equals(request.Intent.Selector) ? new WorkloadMatch(workload, _pods) : named;
        _intents.Admit(request.Intent);
        _intents.Admit(trial);
        var running = Enter(request, new TrialSwitch(_intents, trial), named, measured);
        try
        {
            _observer.Start();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, running.Stopping.Token);
            return await RunAsync(running, Groups(named, measured), progress, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (running.Stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Stopped(running.Why);
        }
        finally
        {
            Leave(running);
        }
    }

    /// <summary>How many experiments go on.</summary>
    public int RunningCount
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>The experiments that go on, oldest first.</summary>
    public IReadOnlyList<RunningExperiment> Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Select(one => new RunningExperiment(one.Id, one.Request, one.StartedAt, one.Progress, one.Tried.ChangeId))];
            }
        }
    }

    /// <summary>Ends experiments that go on; what they try is reverted.</summary>
    /// <param name="author">Only those of this one; null: of everybody.</param>
    /// <param name="why">What their authors are told.</param>
    /// <returns>Done when they have ended.</returns>
    public Task StopAsync(string? author, string why)
    {
        List<Entry> stopped;
        lock (_gate)
        {
            stopped = [.. _running.Where(one => author is null || one.Author == CommandText.Clean(author, IntentLimits.MaxAuthorLength))];
        }

        foreach (var one in stopped)
        {
            one.Why = why;
            one.Stopping.Cancel();
        }

        return Task.WhenAll(stopped.Select(one => one.Ended.Task));
    }

    /// <summary>Ends all experiments and takes no more.</summary>
    /// <returns>Done when they have ended.</returns>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
        }

        return StopAsync(null, "this server stops");
    }

    // What can be told without looking at the machine.
    private IntentRequest Check(ExperimentRequest request)
    {
        var problems = request.Design.Problems().ToList();
        if (request.KeepIfBetterPercent is < 1 or > 99)
        {
            problems.Add($"keep_if_better_pct={request.KeepIfBetterPercent} is outside 1 to 99");
        }

        problems.AddRange(IntentValidator.Problems(request.Intent));
        if (problems.Count > 0)
        {
            throw new IntentRejectedException(RejectionCause.Invalid, string.Join("; ", problems));
        }

        var (design, limits) = (request.Design, _intents.Limits);
        if (limits.MaxTtlSeconds < 2 * design.PeriodSeconds)
        {
            throw new IntentRejectedException(
                RejectionCause.LimitExceeded, $"period_seconds={design.PeriodSeconds} needs a lifetime of twice that, and at most {limits.MaxTtlSeconds} s are allowed (limit max_ttl_seconds, set by the operator)");
        }

        // Half of the periods switch it on, and one more does when it is kept.
        var perMinute = Math.Min(design.Periods / 2, 60 / design.PeriodSeconds / 2 + 2) + 1;
        if (limits.MaxChangesPerMinute < perMinute)
        {
            throw new IntentRejectedException(
                RejectionCause.LimitExceeded,
                $"it makes up to {perMinute} changes a minute, at most {limits.MaxChangesPerMinute} can be made (limit max_changes_per_minute, set by the operator); take longer periods");
        }

        var reason = request.Intent.Reason.Length > 0 ? $"experiment: {request.Intent.Reason}" : "experiment";
        return request.Intent with
        {
            IsTrial = true,
            TtlSeconds = Math.Min(ExperimentRunner.LongestPeriodSeconds(design) + 1, limits.MaxTtlSeconds),
            Reason = reason.Length > IntentLimits.MaxReasonLength ? reason[..IntentLimits.MaxReasonLength] : reason,
        };
    }

    private async Task<ExperimentResult> RunAsync(
        Entry running, List<ObservationScope> groups, IProgress<ExperimentProgress>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<ExperimentPeriod> periods;
        running.Listener = progress;
        try
        {
            periods = await new ExperimentRunner(_observer, running.Tried, _time).RunAsync(running.Request.Design, groups, running, cancellationToken).ConfigureAwait(false);
        }
        catch (ExperimentInterruptedException exception)
        {
            return Stopped(exception.Message);
        }
        finally
        {
            running.Tried.TurnOff();
        }

        return Conclude(running.Request, periods, groups.Count > 2);
    }

    private ExperimentResult Conclude(ExperimentRequest request, IReadOnlyList<ExperimentPeriod> periods, bool hasNamed)
    {
        var (measure, seed) = (request.Design.Measure, request.Design.Seed);
        var effect = PairedEffect.Of(periods, 0, measure, seed);
        var result = new ExperimentResult
        {
            Outcome = ExperimentOutcome.Reverted,
            Why = WhyReverted(request, effect),
            Periods = periods.Count,
            Effect = effect,
            BystanderWait = PairedEffect.Of(periods, 1, ObservedMeasure.WaitP99, seed),
            BystanderCpu = PairedEffect.Of(periods, 1, ObservedMeasure.Cpu, seed),
            NamedWait = hasNamed ? PairedEffect.Of(periods, 2, ObservedMeasure.WaitP99, seed) : null,
            NamedCpu = hasNamed ? PairedEffect.Of(periods, 2, ObservedMeasure.Cpu, seed) : null,
        };
        if (result.Why.Length > 0)
        {
            return result;
        }

        try
        {
            var change = _intents.Apply(request.Intent).Change;
            return result with { Outcome = ExperimentOutcome.Kept, Change = change, Why = $"better by {effect.Gain:0.#%}, of which {request.KeepIfBetterPercent} % were asked for" };
        }
        catch (IntentRejectedException exception)
        {
            return result with { Why = $"it would have been kept, and was refused: {exception.Message}" };
        }
    }

    // Empty: it is kept.
    private static string WhyReverted(ExperimentRequest request, PairedEffect effect) => request.KeepIfBetterPercent switch
    {
        null => "nothing was said of keeping it (keep_if_better_pct)",
        _ when effect.TooFewSamples => "too few samples to tell a difference",
        _ when effect.Verdict == ComparisonVerdict.Worse => "it is clearly worse",
        _ when effect.Verdict != ComparisonVerdict.Better => "there is no clear difference",
        { } wanted when effect.Gain * 100 < wanted => $"it is better by {effect.Gain:0.#%} only, and {wanted} % were asked for",
        _ => "",
    };

    // Whose number it is, everybody else, and those named, if they are others.
    private static List<ObservationScope> Groups(WorkloadMatch named, WorkloadMatch measured)
    {
        var (first, second) = (measured.Scope, named.Scope);
        var others = new ObservationScope(task => task.ProcessId != Environment.ProcessId && !first.Includes(task) && !second.Includes(task));
        return ReferenceEquals(named, measured)
            ? [first, others]
            : [first, others, second with { Includes = task => second.Includes(task) && !first.Includes(task), IncludesCgroup = null }];
    }

    private Entry Enter(ExperimentRequest request, TrialSwitch tried, WorkloadMatch named, WorkloadMatch measured)
    {
        var details = named.Details | measured.Details;
        lock (_gate)
        {
            if (_closed)
            {
                throw new IntentRejectedException(RejectionCause.NotAttached, "this server stops");
            }

            if (_running.Count >= MaxRunning)
            {
                throw new IntentRejectedException(RejectionCause.LimitExceeded, $"{_running.Count} experiments go on, at most {MaxRunning} can; wait until one is over");
            }

            var running = new Entry(NextId(), request, tried, _time.GetUtcNow(), details, task => named.Names(task) || measured.Names(task));
            if (_running.Count > 0)
            {
                var living = _tasks.ReadAll(_running.Aggregate(details, (all, one) => all | one.Details)).Tasks;
                foreach (var other in _running)
                {
                    if (living.FirstOrDefault(task => other.Concerns(task) && running.Concerns(task)) is { } shared)
                    {
                        throw new IntentRejectedException(
                            RejectionCause.Conflict,
                            $"an experiment of \"{other.Author}\" goes on with some of the same threads, e.g. {shared.Key.Tid} ({shared.Command}), and each would spoil the other; wait until it is over");
                    }
                }
            }

            _running.Add(running);
            return running;
        }
    }

    private string NextId()
    {
        string id;
        do
        {
            id = "exp_" + new string(Random.Shared.GetItems<char>(IdAlphabet, IdLength));
        }
        while (_running.Exists(one => one.Id == id));
        return id;
    }

    private void Leave(Entry running)
    {
        lock (_gate)
        {
            _running.Remove(running);
        }

        running.Ended.TrySetResult();
    }

    private static ExperimentResult Stopped(string why) => new() { Outcome = ExperimentOutcome.Stopped, Why = why, Periods = 0 };

    private sealed class Entry(
        string id, ExperimentRequest request, TrialSwitch tried, DateTimeOffset startedAt, TaskDetails details, Func<TaskInfo, bool> concerns)
        : IProgress<ExperimentProgress>
    {
        // A structure of several words: read and written in one piece only behind a reference.
        private volatile object? _progress;

        public string Id { get; } = id;

        public ExperimentRequest Request { get; } = request;

        public TrialSwitch Tried { get; } = tried;

        public DateTimeOffset StartedAt { get; } = startedAt;

        public string Author { get; } = CommandText.Clean(request.Intent.Author, IntentLimits.MaxAuthorLength);

        public TaskDetails Details { get; } = details;

        public Func<TaskInfo, bool> Concerns { get; } = concerns;

        // Not disposed of: whoever stops it may hold it a moment longer than it runs, and it has no timer.
        public CancellationTokenSource Stopping { get; } = new();

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Why { get; set; } = "";

        public IProgress<ExperimentProgress>? Listener { get; set; }

        public ExperimentProgress? Progress => _progress as ExperimentProgress?;

        public void Report(ExperimentProgress value)
        {
            _progress = value;
            Listener?.Report(value);
        }
    }
}
