using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record RevertedRow
{
    public required string ChangeId { get; init; }

    [Description("reverted: by this call or an earlier one.")]
    public required EndedBy EndedBy { get; init; }

    public required string EndedAt { get; init; }
}
