namespace Coxswain.Core.Simulation;

/// <summary>What a simulated task does. Each task has one of its own.</summary>
public interface ITaskBehaviour
{
    /// <summary>Called when the last step is done, the task being on a CPU.</summary>
    /// <param name="task">Whose behaviour this is.</param>
    /// <param name="random">The only source of chance, so that a run can be repeated.</param>
    TaskStep NextStep(SimulatedTask task, Random random);
}
