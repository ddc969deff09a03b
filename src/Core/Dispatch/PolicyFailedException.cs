using System.Diagnostics.CodeAnalysis;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Dispatch;

/// <summary>A policy broke the rules of <see cref="Policies.IPolicy"/>.</summary>
internal sealed class PolicyFailedException(string message) : Exception(message)
{
    [DoesNotReturn]
    public static void ThrowMiscounted(int expected, int found) =>
        throw new PolicyFailedException($"The policy says that {found} tasks wait with it; by what went in and came out it must be {expected}.");

    [DoesNotReturn]
    public static void ThrowNotWaiting(int ticket) =>
        throw new PolicyFailedException($"The policy named ticket {ticket}, which does not wait with it: it repeated a task or made one up.");

    [DoesNotReturn]
    public static void ThrowLost(int pid) =>
        throw new PolicyFailedException($"The policy has kept task {pid} for more than a second: it lost it, or lets it starve.");

    [DoesNotReturn]
    public static void ThrowCpu(int cpu, int cpuIds) =>
        throw new PolicyFailedException($"The policy picked CPU {cpu}; allowed are -1 (any) and 0 to {cpuIds - 1}.");

    [DoesNotReturn]
    public static void ThrowSlice(ulong sliceNs) =>
        throw new PolicyFailedException($"The policy picked a slice of {sliceNs} ns; allowed are {Verdict.SliceMinNs} to {Verdict.SliceMaxNs}.");
}
