namespace Coxswain.Core.Kernel;

/// <summary>What a check found.</summary>
public enum DoctorStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>The scheduler runs, with a restriction.</summary>
    Warning,

    /// <summary>The scheduler cannot run.</summary>
    Failed,
}

/// <summary>One check.</summary>
/// <param name="Name">Short name, e.g. bpf_jit.</param>
/// <param name="Status">What was found.</param>
/// <param name="Detail">What was found, in words.</param>
/// <param name="Fix">What to do about it; empty when there is nothing to do.</param>
public sealed record DoctorCheck(string Name, DoctorStatus Status, string Detail, string Fix = "");

/// <summary>Whether this machine can run the scheduler, and if not, why.</summary>
public sealed record DoctorReport
{
    /// <summary>Kernel release.</summary>
    public required string KernelRelease { get; init; }

    /// <summary>All checks, in the order in which they matter.</summary>
    public required IReadOnlyList<DoctorCheck> Checks { get; init; }

    /// <summary>Which generation of each renamed kernel function would be used; empty without sched_ext.</summary>
    public IReadOnlyDictionary<string, string> Branches { get; init; } = new Dictionary<string, string>();

    /// <summary>Callbacks and settings that this kernel does not have and that are left out.</summary>
    public IReadOnlyList<string> AbsentMembers { get; init; } = [];

    /// <summary>The first check that failed; null when the scheduler can run.</summary>
    public DoctorCheck? Obstacle => Checks.FirstOrDefault(c => c.Status == DoctorStatus.Failed);
}
