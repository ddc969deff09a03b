namespace Coxswain.Mcp.Tools;

/// <summary>Filters and order of a task listing; null: everything.</summary>
internal sealed record TaskQuery(int? Pid, string? Command, string? Cgroup, TaskOrder Order)
{
    /// <summary>No filter, and the usual order.</summary>
    public static TaskQuery Default { get; } = new(null, null, null, TaskOrder.Cpu);
}
