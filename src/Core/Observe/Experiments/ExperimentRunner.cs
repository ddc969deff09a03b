namespace Coxswain.Core.Observe.Experiments;

/// <summary>Goes through the periods of an experiment. Leaves what is tried as the last period had it, or as it was when it had to end.</summary>
public sealed class ExperimentRunner
{
    // On a busy machine a second of the observer may be longer than one.
    private const int Patience = 3;
    private static readonly TimeSpan s_more = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly IObserver _observer;
    private readonly IExperimentSwitch _tried;
    private readonly TimeProvider _time;

    /// <summary>Creates a runner.</summary>
    /// <param name="observer">Measures; must be running.</param>
    /// <param name="tried">What is switched on and off.</param>
    /// <param name="time">Clock.</param>
    public ExperimentRunner(IObserver observer, IExperimentSwitch tried, TimeProvider time) => (_observer, _tried, _time) = (observer, tried, time);

    /// <summary>The longest that a period may take, s: the observer's seconds may be longer than those of the clock.</summary>
    public static int LongestPeriodSeconds(ExperimentDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        return Patience * design.PeriodSeconds + (int)s_more.TotalSeconds;
    }

    /// <summary>Runs all periods.</summary>
    /// <param name="design">When it is on and off.</param>
    /// <param name="groups">The groups of threads to measure.</param>
    /// <param name="progress">Is told once a second; may be null.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ExperimentInterruptedException">Something else has changed, so that it would measure nothing.</exception>
    public async Task<IReadOnlyList<ExperimentPeriod>> RunAsync(
        ExperimentDesign design, IReadOnlyList<ObservationScope> groups, IProgress<ExperimentProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(groups);
        var order = design.Order();
        var periods = new List<ExperimentPeriod>(order.Count);
        foreach (var isOn in order)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Set(isOn);
            var switched = _observer.State.LastSecond;
            var done = periods.Count;
            await WaitUntilAsync(switched + (uint)design.PeriodSeconds, design, last => progress?.Report(new ExperimentProgress(
                done + 1, order.Count, isOn, done * design.PeriodSeconds + (int)Math.Min(last - switched, design.PeriodSeconds), design.Seconds)), cancellationToken)
                .ConfigureAwait(false);
            // Of the second in which it was switched a part lies before; it is the first of the warm-up.
            periods.Add(Measure(isOn, switched + (uint)design.WarmUpSeconds + 1, switched + (uint)design.PeriodSeconds, groups));
        }

        return periods;
    }

    private void Set(bool isOn)
    {
        if (isOn)
        {
            _tried.TurnOn();
        }
        else
        {
            _tried.TurnOff();
        }
    }

    private async Task WaitUntilAsync(uint second, ExperimentDesign design, Action<uint> tell, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var limit = TimeSpan.FromSeconds(LongestPeriodSeconds(design));
        uint? told = null;
        for (; ; )
        {
            var state = _observer.State;
            if (!state.Running)
            {
                throw new ExperimentInterruptedException("the observer was switched off");
            }

            if (_tried.WhyDisturbed() is { Length: > 0 } why)
            {
                throw new ExperimentInterruptedException(why);
            }

            if (state.LastSecond != told)
            {
                told = state.LastSecond;
                tell(state.LastSecond);
            }

            if (state.LastSecond >= second)
            {
                return;
            }

            if (_time.GetElapsedTime(start) > limit)
            {
                throw new ExperimentInterruptedException($"a period of {design.PeriodSeconds} s was not over after {limit.TotalSeconds:0} s, as the machine is too busy to observe it");
            }

            await Task.Delay(s_look, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private ExperimentPeriod Measure(bool isOn, uint first, uint last, IReadOnlyList<ObservationScope> groups) => new(isOn, [.. groups
        .Select(group => _observer.Observe(first, last, group))
        .Select(seen => new ExperimentSample(seen.Total, seen.DurationNs))]);
}
