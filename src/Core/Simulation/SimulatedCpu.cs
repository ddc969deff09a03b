namespace Coxswain.Core.Simulation;

/// <summary>A CPU of the simulated kernel.</summary>
internal sealed class SimulatedCpu(int id)
{
    public int Id { get; } = id;

    public SimulatedTask? Current { get; set; }

    /// <summary>Up to when the present task's time is counted in its burst.</summary>
    public ulong MarkNs { get; set; }

    /// <summary>End of the present slice.</summary>
    public ulong SliceEndNs { get; set; }

    /// <summary>Tells an event for the present stint from one for an earlier one.</summary>
    public long Version { get; set; }

    /// <summary>What the kernel puts here runs next.</summary>
    public DispatchQueue Local { get; } = new($"local of CPU {id}");

    /// <summary>Bound to the CPU, or placed there by a verdict; by vtime.</summary>
    public DispatchQueue Queue { get; } = new($"queue of CPU {id}");
}
