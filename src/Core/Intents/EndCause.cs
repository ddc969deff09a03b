namespace Coxswain.Core.Intents;

/// <summary>Why a change is no longer active.</summary>
public enum EndCause
{
    /// <summary>It is still active.</summary>
    None = 0,

    /// <summary>Its lifetime was over.</summary>
    Expired = 1,

    /// <summary>An operator reverted it.</summary>
    Reverted = 2,

    /// <summary>The scheduler ended, and every directive in the kernel with it.</summary>
    SchedulerEnded = 3,

    /// <summary>All processes that it named by id have ended.</summary>
    ProcessesEnded = 4,

    /// <summary>A guard took it back: <see cref="Change.Finding"/> tells why.</summary>
    Guard = 5,

    /// <summary>It was bound to the pods that it named at first, and the last of them has ended.</summary>
    PodsEnded = 6,

    /// <summary>It was in force when an earlier run of this program ended, and could not be put back in force.</summary>
    NotRestored = 7,
}
