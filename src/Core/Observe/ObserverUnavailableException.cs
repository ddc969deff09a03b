namespace Coxswain.Core.Observe;

/// <summary>The observer cannot be switched on; the message says why and what to do.</summary>
public sealed class ObserverUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ObserverUnavailableException(string message) : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public ObserverUnavailableException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception without a message.</summary>
    public ObserverUnavailableException() { }
}
