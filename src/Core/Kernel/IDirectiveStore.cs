using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>The directives that the kernel holds, one per task. Every answer comes from the kernel, none from memory.</summary>
/// <remarks>Not thread-safe: one writer.</remarks>
public interface IDirectiveStore
{
    /// <summary>Writes the directive of a task as one value. It holds from the task's next wake-up or slice on.</summary>
    /// <returns>False when that task is no more.</returns>
    /// <exception cref="SchedulerUnavailableException">No scheduler is attached.</exception>
    bool TryWrite(TaskKey task, in Directive directive);

    /// <summary>Reads back what the kernel has for a task.</summary>
    /// <returns>False when the task is no more or has no directive.</returns>
    bool TryRead(TaskKey task, out Directive directive);

    /// <summary>Deletes a task's directive.</summary>
    /// <returns>False when the task is no more or had none.</returns>
    bool TryRemove(TaskKey task);

    /// <summary>Makes the scheduler look at the directives anew. Call once after a batch of writes and removals.</summary>
    void Publish();
}
