namespace Coxswain.Core.Intents.State;

/// <summary>The active changes at one moment, as they are kept for a later run of this program.</summary>
public sealed record SavedState
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int PresentVersion = 1;

    /// <summary>Version of the format.</summary>
    public required int Version { get; init; }

    /// <summary>The boot of the machine in which it was saved.</summary>
    public required string BootId { get; init; }

    /// <summary>When it was saved.</summary>
    public required DateTimeOffset SavedAt { get; init; }

    /// <summary>Number of the newest change that there ever was in that run.</summary>
    public required uint Generation { get; init; }

    /// <summary>The changes, in the order in which they were asked for.</summary>
    public required IReadOnlyList<SavedChange> Changes { get; init; }
}
