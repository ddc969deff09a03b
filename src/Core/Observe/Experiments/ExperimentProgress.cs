namespace Coxswain.Core.Observe.Experiments;

/// <summary>How far an experiment is.</summary>
/// <param name="Period">The period that goes on, from 1 on.</param>
/// <param name="Periods">All periods.</param>
/// <param name="IsOn">Whether what is tried is on.</param>
/// <param name="Seconds">Seconds that have passed.</param>
/// <param name="TotalSeconds">All seconds.</param>
public readonly record struct ExperimentProgress(int Period, int Periods, bool IsOn, int Seconds, int TotalSeconds);
