namespace Coxswain.Core.Kernel;

/// <summary>The kernel cannot tell of threads; the message says why and what to do.</summary>
public sealed class TaskEventsUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TaskEventsUnavailableException(string message) : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public TaskEventsUnavailableException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception without a message.</summary>
    public TaskEventsUnavailableException() { }
}
