using Coxswain.Core.Observe.Experiments;

namespace Coxswain.Core.Intents.Experiments;

/// <summary>What an experiment found, and what became of what was tried.</summary>
public sealed record ExperimentResult
{
    /// <summary>What became of it.</summary>
    public required ExperimentOutcome Outcome { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Why { get; init; }

    /// <summary>The change, when it was kept.</summary>
    public Change? Change { get; init; }

    /// <summary>How many periods were measured.</summary>
    public required int Periods { get; init; }

    /// <summary>The number that was asked for; null when the experiment was stopped.</summary>
    public PairedEffect? Effect { get; init; }

    /// <summary>Everybody who was neither measured nor named: their waits (p99).</summary>
    public PairedEffect? BystanderWait { get; init; }

    /// <summary>Their CPU time.</summary>
    public PairedEffect? BystanderCpu { get; init; }

    /// <summary>Those that the intent names, where these are not those measured: their waits (p99).</summary>
    public PairedEffect? NamedWait { get; init; }

    /// <summary>Their CPU time.</summary>
    public PairedEffect? NamedCpu { get; init; }
}
