namespace Coxswain.Core.Guards;

/// <summary>When the daemon's own guard acts: what the operator decides.</summary>
public sealed record GuardOptions
{
    /// <summary>Whether it acts at all. Guards that changes have of their own work in any case.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>When it measures.</summary>
    public GuardObserving Observing { get; init; } = GuardObserving.Clients;

    /// <summary>Above so many percent of what it was before a change, the 99th percentile of waits is harm; 110 to 10,000.</summary>
    public int WorsePercent { get; init; } = 200;

    /// <summary>Waits up to that are never harm, µs; 0 to 1,000,000. A tick of most kernels is 4,000.</summary>
    public int MinWaitUs { get; init; } = 5000;

    /// <summary>Largest <see cref="ForSeconds"/>: it looks back no further.</summary>
    public const int MaxForSeconds = BystanderRule.MostSeconds;

    /// <summary>In so many seconds in a row it must be worse, s; 1 to <see cref="MaxForSeconds"/>.</summary>
    public int ForSeconds { get; init; } = 2;

    /// <summary>How long after a change what gets worse is taken for its doing, s; 5 to 3600.</summary>
    public int WatchSeconds { get; init; } = 60;
}
