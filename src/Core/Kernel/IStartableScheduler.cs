namespace Coxswain.Core.Kernel;

/// <summary>A scheduler that can be started and stopped, and that the kernel may end in between.</summary>
public interface IStartableScheduler : IScheduler
{
    /// <summary>How the kernel ended the scheduler that was started last; null as long as it has not. Cheap: may be asked several times a second.</summary>
    SchedulerExit? KernelExit { get; }

    /// <summary>Loads and attaches the scheduler; takes seconds on a slow machine. On failure nothing has changed.</summary>
    /// <exception cref="SchedulerUnavailableException">It cannot run here, or the kernel ended it at once.</exception>
    void Start();

    /// <summary>Gives scheduling back to the kernel. No effect when not started; frees what is left when the kernel has ended it.</summary>
#pragma warning disable CA1716 // A keyword of Visual Basic; it is the word for what this does.
    void Stop();
#pragma warning restore CA1716
}
