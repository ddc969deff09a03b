namespace Coxswain.Core.Kernel;

/// <summary>A task that waits for a CPU.</summary>
/// <param name="Tid">Thread id.</param>
/// <param name="Name">Its name, as the kernel has it: not to be trusted.</param>
/// <param name="WaitedNs">For how long, ns.</param>
public sealed record WaitingTask(int Tid, string Name, long WaitedNs);
