namespace Coxswain.Core.Kernel;

/// <summary>Bounds what handling of events takes to a fifth of one CPU, without holding up the few that usually come.</summary>
/// <remarks>
/// A process that executes a program is told of three times within milliseconds: a pause after each of them would be in the way of the one that
/// matters. So handling has credit, and pauses only when it has used that up: in a storm. Batches grow then, and what comes twice is looked at once.
/// </remarks>
internal sealed class EventPacing
{
    // Each unit of handling is paid for with four of rest.
    private const int RestShare = 4;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private TimeSpan _debt;
    private long _at;

    public EventPacing(TimeProvider time)
    {
        _time = time;
        _at = time.GetTimestamp();
    }

    /// <summary>How much handling there may be without a pause, after a long rest.</summary>
    public static TimeSpan Credit { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>To be called when a batch is handled.</summary>
    /// <param name="took">How long that took.</param>
    /// <returns>The rest before the next one.</returns>
    public TimeSpan PauseAfter(TimeSpan took)
    {
        long now = _time.GetTimestamp();
        TimeSpan rested = _time.GetElapsedTime(_at, now) - took;
        _at = now;
        _debt = _debt > rested ? _debt - rested : TimeSpan.Zero;
        _debt += took * RestShare;
        TimeSpan pause = _debt - (Credit * RestShare);
        return pause <= TimeSpan.Zero ? TimeSpan.Zero : pause > s_longestPause ? s_longestPause : pause;
    }
}
