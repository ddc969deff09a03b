using Microsoft.Extensions.Time.Testing;

namespace Coxswain.Core.Tests.Supervision;

/// <summary>A clock whose date can be set while its timers and its monotonic time go on as before.</summary>
internal sealed class SettableClock(FakeTimeProvider inner) : TimeProvider
{
    /// <summary>How far the date was moved.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
