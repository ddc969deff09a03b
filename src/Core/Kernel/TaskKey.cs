namespace Coxswain.Core.Kernel;

/// <summary>Identity of one thread: a number that the kernel reuses, and the time at which its present owner was born.</summary>
/// <param name="Tid">Thread id in the root pid namespace.</param>
/// <param name="StartTicks">Field 22 of /proc/TID/stat: start time after boot in clock ticks (10 ms).</param>
public readonly record struct TaskKey(int Tid, long StartTicks);
