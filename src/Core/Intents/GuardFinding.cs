namespace Coxswain.Core.Intents;

/// <summary>Why a guard took a change back, with the numbers.</summary>
/// <param name="Trigger">What made it.</param>
/// <param name="Text">All of it in a sentence part.</param>
public sealed record GuardFinding(GuardTrigger Trigger, string Text)
{
    /// <summary>What was measured, e.g. wait_p99_us; empty where nothing was.</summary>
    public string Metric { get; init; } = "";

    /// <summary>Whose waits.</summary>
    public string Workload { get; init; } = "";

    /// <summary>Before the change, µs; null where that did not matter.</summary>
    public double? BeforeUs { get; init; }

    /// <summary>In the seconds that decided, µs.</summary>
    public double? MeasuredUs { get; init; }

    /// <summary>What would have been accepted, µs.</summary>
    public double? LimitUs { get; init; }

    /// <summary>How many seconds decided.</summary>
    public int Seconds { get; init; }

    /// <summary>Waits in these seconds.</summary>
    public long Samples { get; init; }
}
