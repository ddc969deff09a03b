namespace Coxswain.Guest;

/// <summary>One command of the program.</summary>
/// <param name="Name">First argument on the command line.</param>
/// <param name="Summary">One line for the usage text.</param>
/// <param name="Run">Takes the other arguments, returns an <see cref="ExitCode"/>.</param>
internal sealed record GuestCommand(string Name, string Summary, Func<string[], Task<int>> Run);

/// <summary>Exit codes of the program.</summary>
internal static class ExitCode
{
    public const int Worked = 0;

    /// <summary>It could not be done, or what must hold did not.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    /// <summary>It ran to its end and was measured, but the figures are not as expected; only where that is asked for.</summary>
    public const int NotAsExpected = 3;
}

/// <summary>Ends the command with <see cref="ExitCode.Failed"/>; the message is for people.</summary>
internal sealed class GuestException(string message) : Exception(message);

/// <summary>The command line is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);
