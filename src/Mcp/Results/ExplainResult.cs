using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record ExplainResult : IToolResult
{
    public required string AsOf { get; init; }

    public required int Pid { get; init; }

    public required int ProcessPid { get; init; }

    public required string Command { get; init; }

    [Description("namespace/name, or uid.")]
    public string? Pod { get; init; }

    public string? Cgroup { get; init; }

    [Description("Why no change can touch it.")]
    public string? Protected { get; init; }

    [Description("Changes that name it, in the order in which they decide.")]
    public required IReadOnlyList<MatchRow> Matches { get; init; }

    [Description("What they ask for together.")]
    public DirectiveRow? Wanted { get; init; }

    [Description("What the kernel has for this thread.")]
    public DirectiveRow? InKernel { get; init; }

    [Description("What it has for the nearest cgroup; holds for threads that have nothing themselves.")]
    public DirectiveRow? CgroupInKernel { get; init; }

    public string? DirectedCgroup { get; init; }

    [Description("true: what holds in the kernel is what is wanted.")]
    public required bool Agrees { get; init; }

    public required string Hint { get; init; }
}
