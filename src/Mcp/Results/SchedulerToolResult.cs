using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record SchedulerToolResult : IToolResult
{
    public required string AsOf { get; init; }

    public required SchedulerSettings Before { get; init; }

    [Description("Read from the kernel afterwards.")]
    public required SchedulerSettings After { get; init; }

    [Description("Why it is not attached, and what to do.")]
    public string? Reason { get; init; }

    [Description("Changes that ended with the scheduler.")]
    public int? ChangesEnded { get; init; }

    [Description("What to do next.")]
    public required string Hint { get; init; }
}
