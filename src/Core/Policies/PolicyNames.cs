namespace Coxswain.Core.Policies;

/// <summary>The built-in policies.</summary>
public static class PolicyNames
{
    /// <summary>First come, first served.</summary>
    public const string Fifo = "fifo";

    /// <summary>Least CPU time used, by weight, first.</summary>
    public const string Vtime = "vtime";

    /// <summary>As vtime, but who runs in short bursts goes first.</summary>
    public const string Deadline = "deadline";

    /// <summary>All names, the default first.</summary>
    public static IReadOnlyList<string> All { get; } = [Deadline, Vtime, Fifo];

    /// <summary>Tasks that wait with a policy at most; more than fit into the notice ring.</summary>
    public const int Capacity = 16 * 1024;
}
