namespace Coxswain.Core.Observe.Experiments;

/// <summary>What happened in one period of an experiment, without its warm-up.</summary>
/// <param name="IsOn">Whether what is tried was on.</param>
/// <param name="Groups">What each group of threads did, in the order in which they were asked for.</param>
public sealed record ExperimentPeriod(bool IsOn, IReadOnlyList<ExperimentSample> Groups);

/// <summary>What a group of threads did in a period.</summary>
/// <param name="Metrics">All that was measured of it.</param>
/// <param name="DurationNs">How long that was, ns.</param>
public sealed record ExperimentSample(ObservedMetrics Metrics, long DurationNs);
