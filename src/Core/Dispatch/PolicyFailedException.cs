using System.Diagnostics.CodeAnalysis;

namespace Coxswain.Core.Dispatch;

/// <summary>A policy whose books do not balance.</summary>
internal sealed class PolicyFailedException(string message) : Exception(message)
{
    [DoesNotReturn]
    public static void Throw(int expected, int found) =>
        throw new PolicyFailedException($"The policy says that {found} tasks wait with it; by what went in and came out it must be {expected}.");
}
