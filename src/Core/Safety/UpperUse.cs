using Coxswain.Core.Kernel;

namespace Coxswain.Core.Safety;

/// <summary>How much of the machine's CPU time the classes high and latency_critical used in the last seconds, as the kernel side counted it.</summary>
/// <remarks>Not thread-safe. Knows nothing until it was told twice, at least <see cref="Least"/> apart.</remarks>
public sealed class UpperUse
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly Queue<(ulong AtNs, long UpperNs)> _seen = [];
    private int _cpus = 1;

    /// <summary>How far it looks back.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest time that says anything.</summary>
    public static TimeSpan Least { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Share of the CPU time of all CPUs, %; null while that is not known.</summary>
    public double? Percent { get; private set; }

    /// <summary>Takes in what the scheduler has counted since it was attached.</summary>
    /// <param name="classes">CPU time by class.</param>
    /// <param name="cpus">Online CPUs.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC ns.</param>
    public void Note(IReadOnlyDictionary<string, ClassUse> classes, int cpus, ulong nowNs)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (_seen.Count > 0 && nowNs < _seen.Last().AtNs + Ns(s_pause))
        {
            return;
        }

        var upper = RunNs(classes, "high") + RunNs(classes, "latency_critical");
        if (_seen.Count > 0 && upper < _seen.Last().UpperNs)
        {
            _seen.Clear(); // another scheduler counts from 0
        }

        _cpus = Math.Max(1, cpus);
        _seen.Enqueue((nowNs, upper));
        // One that is just older than the window stays, to compare with.
        while (_seen.Count > 2 && _seen.ElementAt(1).AtNs + Ns(Window) <= nowNs)
        {
            _seen.Dequeue();
        }

        var (since, before) = _seen.Peek();
        // After a pause in which nobody looked, an average over all of it would say nothing.
        Percent = nowNs - since >= Ns(Least) && nowNs - since <= 2 * Ns(Window) ? 100.0 * (upper - before) / ((nowNs - since) * (double)_cpus) : null;
    }

    private static long RunNs(IReadOnlyDictionary<string, ClassUse> classes, string name) => classes.TryGetValue(name, out var use) ? use.RunNs : 0;

    private static ulong Ns(TimeSpan span) => (ulong)(span.Ticks * TimeSpan.NanosecondsPerTick);
}
