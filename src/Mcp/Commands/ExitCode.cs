namespace Coxswain.Mcp.Commands;

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command worked, and its answer is no.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong, or something that it names cannot be used; nothing was started.</summary>
    public const int Usage = 2;
}
