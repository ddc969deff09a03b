namespace Coxswain.Core.Kernel;

/// <summary>Exit record of the kernel.</summary>
/// <param name="Kind">Number of the exit kind, e.g. 64 (unregistered by user space), 1026 (stall).</param>
/// <param name="Code">Exit code, 0 for most kinds.</param>
/// <param name="Reason">The kernel's words for the kind.</param>
/// <param name="Message">Details.</param>
/// <param name="Dump">State of the run queues at the time, for errors; may be long, may be empty.</param>
public sealed record SchedulerExit(int Kind, long Code, string Reason, string Message, string Dump);
