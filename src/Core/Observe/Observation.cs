namespace Coxswain.Core.Observe;

/// <summary>What some threads did in a span of seconds.</summary>
public sealed class Observation
{
    internal Observation(uint from, uint to, IReadOnlyList<ObservedSecond> seconds, IReadOnlyCollection<ObservedTask> tasks, double interruptShare)
    {
        From = from;
        To = to;
        Seconds = seconds;
        Tasks = tasks;
        InterruptShare = interruptShare;
        foreach (var second in seconds)
        {
            Total.Add(second.Metrics);
            DurationNs += second.DurationNs;
        }
    }

    /// <summary>First second of it, by the observer's count.</summary>
    public uint From { get; }

    /// <summary>Last second of it, included; before <see cref="From"/> when there is none.</summary>
    public uint To { get; }

    /// <summary>How long all seconds were, ns: a little more than they say on a busy machine.</summary>
    public long DurationNs { get; }

    /// <summary>All seconds together.</summary>
    public ObservedMetrics Total { get; } = new();

    /// <summary>Each second, ascending; also those in which nothing happened.</summary>
    public IReadOnlyList<ObservedSecond> Seconds { get; }

    /// <summary>The threads that did something. Empty where only cgroups are known of a part of the span.</summary>
    public IReadOnlyCollection<ObservedTask> Tasks { get; }

    /// <summary>Share of the CPUs' time that went to interrupts and to other guests, 0 to 1, of the whole machine.</summary>
    public double InterruptShare { get; }
}

/// <summary>One second of an observation.</summary>
/// <param name="Number">By the observer's count.</param>
/// <param name="DurationNs">How long it was, ns.</param>
/// <param name="Metrics">What the chosen threads did.</param>
public sealed record ObservedSecond(uint Number, long DurationNs, ObservedMetrics Metrics);

/// <summary>How one thread acted on another, or woke it, added up.</summary>
/// <param name="From">Who delayed, or woke.</param>
/// <param name="To">Who was delayed, or woken.</param>
/// <param name="Ns">How long it waited because of that, or after that, ns.</param>
/// <param name="Count">How often.</param>
public sealed record ObservedPair(ObservedTask From, ObservedTask To, long Ns, long Count);
