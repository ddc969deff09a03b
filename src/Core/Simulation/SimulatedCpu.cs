namespace Coxswain.Core.Simulation;

/// <summary>A CPU of the simulated kernel.</summary>
internal sealed class SimulatedCpu(int id, SimulatedHome llc)
{
    public int Id { get; } = id;

    /// <summary>The home of its last-level cache.</summary>
    public SimulatedHome Llc { get; } = llc;

    /// <summary>By kind of queue: place of the set behind the one that was served last.</summary>
    public int[] NextSet { get; } = new int[Enum.GetValues<QueueKind>().Length];

    /// <summary>By kind of queue: do those of its CPU sets come before that of its LLC?</summary>
    public bool[] SetsNext { get; } = new bool[Enum.GetValues<QueueKind>().Length];

    /// <summary>The CPU sets that it is in.</summary>
    public List<SimulatedHome> Sets { get; } = [];

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
