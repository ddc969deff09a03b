using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record ExtendToolResult : IToolResult
{
    public required string AsOf { get; init; }

    public required string ChangeId { get; init; }

    public required string ExpiresAt { get; init; }

    [Description("When it would have ended.")]
    public required string ExpiresAtBefore { get; init; }

    public required int TtlSeconds { get; init; }

    [Description("Threads covered now.")]
    public required int Threads { get; init; }

    [Description("true: read back from the kernel.")]
    public required bool VisibleInKernel { get; init; }

    [Description("What to do next.")]
    public required string Hint { get; init; }
}
