using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record RevertToolResult : IToolResult
{
    public required string AsOf { get; init; }

    [Description("Changes that this call ended.")]
    public required int Reverted { get; init; }

    [Description("These, and those named that had ended before.")]
    public required IReadOnlyList<RevertedRow> Changes { get; init; }

    public IReadOnlyList<string>? NotFound { get; init; }

    [Description("Threads given back to an older change or to normal.")]
    public required int ThreadsRestored { get; init; }

    [Description("true: a last look into the kernel found nothing left.")]
    public required bool GoneFromKernel { get; init; }

    [Description("Changes that are still in force.")]
    public required int RemainingActive { get; init; }

    [Description("What to do next.")]
    public required string Hint { get; init; }
}
