namespace Coxswain.Core.Supervision;

/// <summary>When the supervisor starts the scheduler again, and when it gives up.</summary>
public sealed record SupervisorOptions
{
    /// <summary>How often the exit record is looked at; 250 ms by default.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Pause before the scheduler is started again after its first failure, and after an end that is no failure; 1 s by default.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many times longer each further pause is; 1 to 100, 5 by default.</summary>
    public int PauseGrowth { get; init; } = 5;

    /// <summary>With so many failures within <see cref="FailureWindow"/> the scheduler stays off; 1 to 100, 3 by default.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>How long a failure counts; 10 minutes by default.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// What was changed so shortly before a failure is suspected of it; 30 s by default. Not less than twice the time of the
    /// kernel's watchdog, which takes up to one and a half times that to notice.
    /// </summary>
    public TimeSpan SuspectAge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstPause, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(PauseGrowth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PauseGrowth, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFailures, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFailures, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(FailureWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SuspectAge, TimeSpan.Zero);
    }
}
