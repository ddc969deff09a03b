using Microsoft.Extensions.Time.Testing;

namespace Coxswain.Mcp.Tests;

/// <summary>A clock that a test sets, and that tells how often somebody began to wait for it.</summary>
internal sealed class WatchedTimeProvider(DateTimeOffset start) : FakeTimeProvider(start)
{
    private int _waits;

    /// <summary>Timers that were made so far.</summary>
    public int Waits => Volatile.Read(ref _waits);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _waits);
        return timer;
    }
}
