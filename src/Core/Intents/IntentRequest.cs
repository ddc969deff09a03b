using Coxswain.Core.Safety;

namespace Coxswain.Core.Intents;

/// <summary>What an operator asks for. Bounds are in <see cref="IntentLimits"/>.</summary>
public sealed record IntentRequest
{
    /// <summary>For which threads.</summary>
    public required Selector Selector { get; init; }

    /// <summary>What to set.</summary>
    public required IntentEffect Effect { get; init; }

    /// <summary>For how long, s.</summary>
    public int TtlSeconds { get; init; } = IntentLimits.DefaultTtlSeconds;

    /// <summary>Why; kept with the change.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who asks, in their own words: unverified.</summary>
    public string Author { get; init; } = "";
}
