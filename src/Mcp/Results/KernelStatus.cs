using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record KernelStatus
{
    public required string Release { get; init; }

    [Description("State of sched_ext in the kernel, e.g. enabled or disabled; absent where the kernel has none.")]
    public required string SchedExtState { get; init; }

    [Description("Name of the sched_ext scheduler that is attached, whoever owns it.")]
    public string? Scheduler { get; init; }

    [Description("Online CPUs.")]
    public required int Cpus { get; init; }
}
