namespace Coxswain.Core.Simulation;

/// <summary>Where a simulated task is.</summary>
public enum SimulatedTaskState
{
    /// <summary>In a queue.</summary>
    Waiting,

    /// <summary>On a CPU.</summary>
    Running,

    /// <summary>Until a time that it chose.</summary>
    Sleeping,

    /// <summary>Until another task wakes it.</summary>
    Blocked,

    /// <summary>Ended.</summary>
    Exited,
}
