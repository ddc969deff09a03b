namespace Coxswain.Core.Kernel;

/// <summary>Whether the kernel tells of threads.</summary>
/// <param name="Problem">Why it does not, and what to do; empty when it does.</param>
/// <param name="Told">Events read.</param>
/// <param name="Lost">Events that came faster than they were read; all threads were looked at anew instead.</param>
public sealed record TaskEventStatus(string Problem, long Told, long Lost)
{
    /// <summary>True when the kernel tells.</summary>
    public bool IsActive => Problem.Length == 0;
}
