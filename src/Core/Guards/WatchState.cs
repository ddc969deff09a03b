namespace Coxswain.Core.Guards;

/// <summary>What the daemon's own guard does about a change.</summary>
public enum WatchState
{
    /// <summary>Nothing: it is off, or cannot measure.</summary>
    Off = 0,

    /// <summary>Nothing: too little was measured before the change.</summary>
    NothingBefore = 1,

    /// <summary>It compares.</summary>
    Watching = 2,

    /// <summary>It has compared for as long as it was to, and found nothing.</summary>
    Passed = 3,
}
