namespace Coxswain.Core.Intents.Experiments;

/// <summary>What became of what was tried.</summary>
public enum ExperimentOutcome
{
    /// <summary>It is in force.</summary>
    Kept = 0,

    /// <summary>It was measured and taken back.</summary>
    Reverted = 1,

    /// <summary>The experiment had to end early, and it was taken back.</summary>
    Stopped = 2,
}
