namespace Coxswain.Core.Kernel;

/// <summary>The scheduler is not attached; the message says why and what to do.</summary>
public sealed class SchedulerUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SchedulerUnavailableException(string message) : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public SchedulerUnavailableException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception without a message.</summary>
    public SchedulerUnavailableException() { }

    /// <summary>How the kernel ended the scheduler while it was being attached; null when it never came so far.</summary>
    public SchedulerExit? Exit { get; init; }
}
