namespace Coxswain.Core.Kernel;

/// <summary>The last time that the scheduler was ended for an error. Times are of the monotonic clock: setting the date changes nothing.</summary>
/// <param name="AtNs">When it was noticed, ns.</param>
/// <param name="SuspectSinceNs">What was changed from then on may be its cause, and is not to be done again by itself, ns.</param>
public sealed record SchedulerFailure(ulong AtNs, ulong SuspectSinceNs)
{
    /// <summary>What the kernel, or the loader, said; may be empty.</summary>
    public string Cause { get; init; } = "";
}
