namespace Coxswain.Core.Intents;

/// <summary>An intent, or a revert, was refused and nothing was changed; the message says why and what is allowed.</summary>
public sealed class IntentRejectedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public IntentRejectedException(RejectionCause cause, string message) : base(message) => Cause = cause;

    /// <summary>Creates the exception with what led to it.</summary>
    public IntentRejectedException(RejectionCause cause, string message, Exception inner) : base(message, inner) => Cause = cause;

    /// <summary>Creates the exception.</summary>
    public IntentRejectedException(string message) : base(message) { }

    /// <summary>Creates the exception with what led to it.</summary>
    public IntentRejectedException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception without a message.</summary>
    public IntentRejectedException() { }

    /// <summary>The kind of reason.</summary>
    public RejectionCause Cause { get; }
}
