namespace Coxswain.Core.Simulation;

/// <summary>Sees what the tasks of a simulated kernel do, as tracepoints see it on a real one.</summary>
internal interface ISimulationWatcher
{
    /// <summary>A task that slept has work to do.</summary>
    /// <param name="task">The task.</param>
    /// <param name="waker">Who woke it; null: a timer.</param>
    void Woken(SimulatedTask task, SimulatedTask? waker);

    /// <summary>A task was given a CPU.</summary>
    /// <param name="cpu">The CPU.</param>
    /// <param name="task">The task.</param>
    /// <param name="waitedNs">How long it waited for it, ns.</param>
    void Running(int cpu, SimulatedTask task, ulong waitedNs);

    /// <summary>A task leaves its CPU.</summary>
    /// <param name="cpu">The CPU.</param>
    /// <param name="task">The task.</param>
    /// <param name="isRunnable">It would go on.</param>
    void Stopped(int cpu, SimulatedTask task, bool isRunnable);

    /// <summary>A task is no more.</summary>
    void Ended(SimulatedTask task);
}
