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

    /// <summary>Whether it is bound to the pods that it names now, and ends with the last of them, if its lifetime is not over before.</summary>
    public bool UntilPodsEnd { get; init; }

    /// <summary>Uids of the only pods that it may be bound to; null: all that it names.</summary>
    internal IReadOnlySet<string>? BoundPods { get; init; }

    /// <summary>On which condition it is taken back by itself; null: on none.</summary>
    public IntentGuard? Guard { get; init; }

    /// <summary>Why; kept with the change.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who asks, in their own words: unverified.</summary>
    public string Author { get; init; } = "";

    /// <summary>The trace that it was asked for in, as the caller numbers them; empty: none.</summary>
    public string TraceId { get; init; } = "";

    /// <summary>Whether it may put itself before changes of other authors for the same pods; they come back when it ends.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether the author has been told how much it covers, and wants it.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Whether an experiment switches it on and off: it never returns after a restart, and does not renew what was asked for otherwise.</summary>
    internal bool IsTrial { get; init; }
}
