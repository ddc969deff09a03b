namespace Coxswain.Mcp.Tools;

/// <summary>Filters and order of a task listing; null: everything.</summary>
internal sealed record TaskQuery
{
    /// <summary>No filter, and the usual order.</summary>
    public static TaskQuery Default { get; } = new();

    /// <summary>This process, or this thread.</summary>
    public int? Pid { get; init; }

    /// <summary>Regex over names of thread and process.</summary>
    public string? Command { get; init; }

    /// <summary>Namespace of the pod.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name of the pod.</summary>
    public string? Pod { get; init; }

    /// <summary>The CPU that it runs on, or ran on last.</summary>
    public int? Cpu { get; init; }

    /// <summary>Start of the cgroup's path, with / first; else a part of it.</summary>
    public string? Cgroup { get; init; }

    /// <summary>What comes first.</summary>
    public TaskOrder Order { get; init; } = TaskOrder.Cpu;

    /// <summary>Whether threads are looked for by their pod.</summary>
    public bool NamesPods => Namespace is not null || Pod is not null;
}
