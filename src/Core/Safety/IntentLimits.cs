namespace Coxswain.Core.Safety;

/// <summary>Bounds of what one intent, and all of them together, may ask for.</summary>
public static class IntentLimits
{
    /// <summary>Shortest lifetime, s.</summary>
    public const int MinTtlSeconds = 1;

    /// <summary>Longest lifetime, s: a day.</summary>
    public const int MaxTtlSeconds = 86_400;

    /// <summary>Lifetime when none is given, s.</summary>
    public const int DefaultTtlSeconds = 600;

    /// <summary>Shortest time slice, µs. Below this, switching costs more than a task gets done.</summary>
    public const int MinSliceUs = 100;

    /// <summary>Longest time slice, µs.</summary>
    public const int MaxSliceUs = 100_000;

    /// <summary>Largest budget of a thread in an upper class, % of one CPU.</summary>
    public const int MaxBudgetPercent = 100;

    /// <summary>Most process or thread ids in one selector.</summary>
    public const int MaxPids = 1000;

    /// <summary>Most pod names in one selector.</summary>
    public const int MaxPodNames = 100;

    /// <summary>Largest process or thread id: PID_MAX_LIMIT of the kernel.</summary>
    public const int MaxPid = 4_194_304;

    /// <summary>Most threads that one intent covers.</summary>
    public const int MaxTasksPerIntent = 10_000;

    /// <summary>Most intents alive at one time.</summary>
    public const int MaxActiveIntents = 100;

    /// <summary>Most of them with a guard of their own: each is measured every second.</summary>
    public const int MaxGuards = 16;

    /// <summary>Ended intents that are remembered.</summary>
    public const int MaxHistory = 1000;

    /// <summary>Longest command regex, characters.</summary>
    public const int MaxCommandLength = 256;

    /// <summary>Longest reason, characters.</summary>
    public const int MaxReasonLength = 200;

    /// <summary>Longest name of an author, characters.</summary>
    public const int MaxAuthorLength = 100;
}
