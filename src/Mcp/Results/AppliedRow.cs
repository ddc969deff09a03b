using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>A thread that a change covers, with what the kernel has for it.</summary>
internal sealed record AppliedRow
{
    [Description("Thread id.")]
    public required int Pid { get; init; }

    public required int ProcessPid { get; init; }

    public required string Command { get; init; }

    [Description("As read back from the kernel.")]
    public TaskClass? Class { get; init; }

    [Description("As read back from the kernel.")]
    public int? SliceUs { get; init; }

    [Description("Of one CPU, for each thread in this class.")]
    public int? BudgetPct { get; init; }

    [Description("As read back from the kernel.")]
    public string? Cpus { get; init; }

    [Description("0: the kernel has nothing.")]
    public required int ExpiresInSeconds { get; init; }
}
