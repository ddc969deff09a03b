namespace Coxswain.Core.Observe.Experiments;

/// <summary>An experiment cannot go on; the message says why.</summary>
public sealed class ExperimentInterruptedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ExperimentInterruptedException(string message) : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public ExperimentInterruptedException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception without a message.</summary>
    public ExperimentInterruptedException() { }
}
