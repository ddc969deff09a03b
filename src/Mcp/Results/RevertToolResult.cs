using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record RevertToolResult
{
    public required string AsOf { get; init; }

    [Description("Changes that this call ended.")]
    public required int Reverted { get; init; }

    [Description("Those that this call ended, and those named that had ended before.")]
    public required IReadOnlyList<RevertedRow> Changes { get; init; }

    [Description("Ids that are not known.")]
    public IReadOnlyList<string>? NotFound { get; init; }

    [Description("Threads whose directive was removed, or given back to an older change.")]
    public required int ThreadsRestored { get; init; }

    [Description("true: a last look into the kernel found nothing left of the reverted changes.")]
    public required bool GoneFromKernel { get; init; }

    [Description("Changes that are still in force.")]
    public required int RemainingActive { get; init; }

    [Description("What this means, and what to do next.")]
    public required string Hint { get; init; }
}
