namespace Coxswain.Core.Intents;

/// <summary>One intent as it was at one moment, active or ended.</summary>
public sealed record Change
{
    /// <summary>Handle, e.g. chg_7f2k. Opaque; no two changes that are remembered share one.</summary>
    public required string Id { get; init; }

    /// <summary>Counts up with each new change; the number that directives in the kernel carry.</summary>
    public required uint Number { get; init; }

    /// <summary>What was asked for.</summary>
    public required IntentRequest Request { get; init; }

    /// <summary>How narrowly it names: of two changes for one thread the higher one holds, of equal ones the newer.</summary>
    public int Specificity { get; init; }

    /// <summary>When it was first applied.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its lifetime is over, as last renewed.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Threads that it covers now, or covered when it ended.</summary>
    public required int TaskCount { get; init; }

    /// <summary>Those of them for which other changes decide; they come back to this one when the others end.</summary>
    public int ShadowedCount { get; init; }

    /// <summary>Ids of the first of these threads, ascending; at most <see cref="SampleSize"/>.</summary>
    public required IReadOnlyList<int> TaskSample { get; init; }

    /// <summary>Why it is no longer active.</summary>
    public EndCause EndCause { get; init; }

    /// <summary>Why a guard took it back; null when none did.</summary>
    public GuardFinding? Finding { get; init; }

    /// <summary>When it ended; null while it is active.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>True until it ended.</summary>
    public bool IsActive => EndCause == EndCause.None;

    /// <summary>Most thread ids in <see cref="TaskSample"/>.</summary>
    public const int SampleSize = 20;
}
