namespace Coxswain.Core.Simulation;

/// <summary>A task to be made.</summary>
public sealed record TaskSpec
{
    /// <summary>What it does.</summary>
    public required ITaskBehaviour Behaviour { get; init; }

    /// <summary>Name; ASCII, of which the first 15 characters count.</summary>
    public string Comm { get; init; } = "task";

    /// <summary>Nice value, -20 to 19.</summary>
    public int Nice { get; init; }

    /// <summary>Thread id; 0: the next free one from 1,000 on.</summary>
    public int Pid { get; init; }

    /// <summary>Process it is a thread of; 0: one of its own.</summary>
    public int Tgid { get; init; }

    /// <summary>Id of its cgroup; 0: that of its creator, or 1 without one.</summary>
    public ulong CgroupId { get; init; }

    /// <summary>The CPUs that it may run on; null: all.</summary>
    public IReadOnlyList<int>? Cpus { get; init; }

    /// <summary>Whether it is a kernel thread.</summary>
    public bool IsKernelThread { get; init; }
}
