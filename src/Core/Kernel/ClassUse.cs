namespace Coxswain.Core.Kernel;

/// <summary>What the tasks of a class used, and how long they waited for it.</summary>
/// <param name="RunNs">CPU time, ns.</param>
/// <param name="WaitNs">Time in a queue before they ran, ns, added up.</param>
/// <param name="Waits">How often they waited.</param>
public sealed record ClassUse(long RunNs, long WaitNs, long Waits);
