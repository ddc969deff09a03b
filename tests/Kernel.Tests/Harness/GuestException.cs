namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A guest did not do what it was asked to; the message has all that is known.</summary>
public sealed class GuestException : Exception
{
    public GuestException(string message)
        : base(message)
    {
    }

    public GuestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public GuestException()
    {
    }
}
