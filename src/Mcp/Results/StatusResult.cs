using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record StatusResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("true: this scheduler runs the CPUs; false: changes are refused, reason tells why.")]
    public required bool Attached { get; init; }

    [Description("Why it is not attached, and what to do.")]
    public string? Reason { get; init; }

    [Description("As in set_mode; autonomous: user space is too slow.")]
    public string? Mode { get; init; }

    [Description("Times mode became autonomous.")]
    public long? AutonomousCount { get; init; }

    [Description("Order of waiting tasks: deadline, vtime or fifo.")]
    public string? Policy { get; init; }

    [Description("How long the kernel waits for user space.")]
    public long? LeaseUs { get; init; }

    [Description("Longest default time slice; shared among waiting tasks.")]
    public long? SliceUs { get; init; }

    public string? AttachedSince { get; init; }

    public required KernelStatus Kernel { get; init; }

    [Description("Events since attach, where any.")]
    public IReadOnlyDictionary<string, long>? Counters { get; init; }

    public ExitStatus? LastExit { get; init; }

    [Description("Changes in force.")]
    public required int ActiveChanges { get; init; }

    [Description("run_experiment calls that go on.")]
    public IReadOnlyList<ExperimentRow>? Experiments { get; init; }

    public required GuardDetails Guard { get; init; }

    public StateStatus? State { get; init; }

    public required LimitsStatus Limits { get; init; }

    [Description("What to do next.")]
    public required string Hint { get; init; }
}
