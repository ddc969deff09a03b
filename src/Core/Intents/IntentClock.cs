namespace Coxswain.Core.Intents;

/// <summary>The clock that the kernel compares expiries with.</summary>
internal static class IntentClock
{
    /// <summary>Now in ns: CLOCK_MONOTONIC for <see cref="TimeProvider.System"/>.</summary>
    public static ulong Now(TimeProvider time) =>
        (ulong)(time.GetElapsedTime(startingTimestamp: 0).Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>Time from one moment to a later one; zero when it has passed.</summary>
    public static TimeSpan Until(ulong now, ulong later) =>
        later <= now ? TimeSpan.Zero : TimeSpan.FromTicks((long)((later - now) / TimeSpan.NanosecondsPerTick));

    /// <summary>Whole seconds from one moment to a later one, rounded up; 0 when it has passed.</summary>
    public static int SecondsUntil(ulong now, ulong later) => (int)Math.Ceiling(Until(now, later).TotalSeconds);
}
