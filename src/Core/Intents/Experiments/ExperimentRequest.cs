using Coxswain.Core.Observe.Experiments;

namespace Coxswain.Core.Intents.Experiments;

/// <summary>What an operator wants to try.</summary>
public sealed record ExperimentRequest
{
    /// <summary>What is switched on and off; its lifetime is that of the change if it is kept.</summary>
    public required IntentRequest Intent { get; init; }

    /// <summary>Whose number it is judged by; null: of whom the intent names.</summary>
    public Selector? Workload { get; init; }

    /// <summary>When it is on and off, and by what it is judged.</summary>
    public required ExperimentDesign Design { get; init; }

    /// <summary>By how many percent the number must get better, clearly, for the intent to be kept, 1 to 99; null: it is reverted in any case.</summary>
    public int? KeepIfBetterPercent { get; init; }
}
