using Coxswain.Core.Observe;

namespace Coxswain.Core.Intents;

/// <summary>On which condition a change is taken back by itself: a workload waits longer for a CPU than its author accepts.</summary>
/// <param name="Metric">What is measured, each second; one of <see cref="Metrics"/>.</param>
/// <param name="Workload">Whose waits.</param>
/// <param name="WorseThanUs">What is still accepted, µs.</param>
/// <param name="ForSeconds">In so many seconds in a row it must be worse, s.</param>
public sealed record IntentGuard(ObservedMeasure Metric, GuardWorkload Workload, int WorseThanUs, int ForSeconds)
{
    /// <summary>Largest <see cref="WorseThanUs"/>, µs: longer waits are not told apart.</summary>
    public const int MaxWorseThanUs = 8_000_000;

    /// <summary><see cref="ForSeconds"/> when nothing is said, s.</summary>
    public const int DefaultForSeconds = 3;

    /// <summary>Largest <see cref="ForSeconds"/>, s.</summary>
    public const int MaxForSeconds = 60;

    /// <summary>What can be measured, by the names that people and agents use. CPU time is not there: it is counted when a thread leaves its
    /// CPU, which may be seconds later, and would look like none.</summary>
    public static IReadOnlyList<(string Name, ObservedMeasure Metric)> Metrics { get; } =
        [("wait_p99_us", ObservedMeasure.WaitP99), ("wait_p90_us", ObservedMeasure.WaitP90), ("wait_p50_us", ObservedMeasure.WaitP50)];

    /// <summary>The name of <see cref="Metric"/>.</summary>
    public string MetricName => Metrics.FirstOrDefault(known => known.Metric == Metric).Name ?? "";

    /// <inheritdoc/>
    public override string ToString() => $"{MetricName} of {Workload} above {WorseThanUs} for {ForSeconds} s";
}
