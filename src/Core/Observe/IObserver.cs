namespace Coxswain.Core.Observe;

/// <summary>Tells how long threads waited for a CPU, second by second, under any scheduler. Thread-safe.</summary>
public interface IObserver
{
    /// <summary>Begins to observe, unless it does already.</summary>
    /// <exception cref="ObserverUnavailableException">It cannot; the message says why and what to do.</exception>
    void Start();

    /// <summary>How it is.</summary>
    ObserverState State { get; }

    /// <summary>What chosen threads did in the last complete seconds; fewer when it has not observed for so long.</summary>
    /// <param name="seconds">How many, 1 to 600.</param>
    /// <param name="scope">Which threads.</param>
    Observation Observe(int seconds, ObservationScope scope);

    /// <summary>What chosen threads did in a span of seconds.</summary>
    /// <param name="first">First second, by the observer's count.</param>
    /// <param name="last">Last second, included.</param>
    /// <param name="scope">Which threads.</param>
    Observation Observe(uint first, uint last, ObservationScope scope);

    /// <summary>What each cgroup did in a span of seconds, by its path; the empty one for threads whose cgroup is not known.</summary>
    /// <param name="first">First second, by the observer's count.</param>
    /// <param name="last">Last second, included.</param>
    IReadOnlyDictionary<string, ObservedMetrics> ObserveCgroups(uint first, uint last);

    /// <summary>What single threads did: half of them those that waited most, half those that ran most.</summary>
    /// <param name="first">First second, by the observer's count.</param>
    /// <param name="last">Last second, included.</param>
    /// <param name="most">How many at most.</param>
    IReadOnlyDictionary<ObservedTask, ObservedMetrics> ObserveTasks(uint first, uint last, int most);

    /// <summary>Who held the CPUs that chosen threads waited for, the one who delayed them most first.</summary>
    IReadOnlyList<ObservedPair> Delays(uint first, uint last, ObservationScope scope);

    /// <summary>Who woke whom, all threads, the most frequent pair first.</summary>
    IReadOnlyList<ObservedPair> Wakes(uint first, uint last);
}

/// <summary>How the observer is.</summary>
/// <param name="Running">It observes.</param>
/// <param name="LastSecond">The last complete second by its count; 0: there is none yet.</param>
/// <param name="TasksFrom">The second from which on single threads are remembered.</param>
/// <param name="PairsFrom">The second from which on delays and wake-ups are remembered.</param>
/// <param name="Tasks">Threads that it counts for now.</param>
/// <param name="Losses">What could not be counted, since it began.</param>
/// <param name="RollUpNs">What collecting the last second took, ns of CPU time.</param>
public sealed record ObserverState(
    bool Running, uint LastSecond, uint TasksFrom, uint PairsFrom, int Tasks, ObserverLosses Losses, long RollUpNs);
