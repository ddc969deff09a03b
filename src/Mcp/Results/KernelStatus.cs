using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record KernelStatus
{
    public required string Release { get; init; }

    [Description("enabled, disabled, ...; absent where the kernel has no sched_ext.")]
    public required string SchedExtState { get; init; }

    [Description("The sched_ext scheduler that is attached, whoever owns it.")]
    public string? Scheduler { get; init; }

    [Description("Online CPUs.")]
    public required int Cpus { get; init; }
}
