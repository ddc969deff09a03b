using System.Diagnostics.CodeAnalysis;

namespace Coxswain.Core.Kernel;

/// <summary>How the scheduler stands at one moment, and what has been counted since it was attached.</summary>
public sealed record SchedulerSnapshot : SchedulerState
{
    /// <summary>With nothing counted yet.</summary>
    public SchedulerSnapshot()
    {
    }

    /// <summary>A state to which what was counted is to be added.</summary>
    /// <param name="state">How the scheduler stands.</param>
    [SetsRequiredMembers]
    public SchedulerSnapshot(SchedulerState state)
        : base(state)
    {
    }

    /// <summary>Time from notice to applied verdict; null when there was none.</summary>
    public RoundTrip? RoundTrip { get; init; }

    /// <summary>How often it took that long, by bucket; where each ends says <see cref="RoundTrip.UpperBoundUs"/>. Empty when not attached.</summary>
    public IReadOnlyList<long> RoundTripBuckets { get; init; } = [];

    /// <summary>Counters by name, summed over CPUs, e.g. parked, moved, taken, gone. Empty when never attached.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// Who had waited longest for a CPU when the kernel side last looked (each 100 ms, at the end of each queue); null when
    /// nobody waited.
    /// </summary>
    public WaitingTask? OldestWaiting { get; init; }

    /// <summary>CPU time and waiting since the scheduler was attached, by class; <c>system</c> is kernel threads and this process.</summary>
    public IReadOnlyDictionary<string, ClassUse> Classes { get; init; } = new Dictionary<string, ClassUse>();

    /// <summary>The chosen generation of each renamed kernel function, e.g. insert=2. Empty when not attached.</summary>
    public IReadOnlyDictionary<string, long> Branches { get; init; } = new Dictionary<string, long>();
}
