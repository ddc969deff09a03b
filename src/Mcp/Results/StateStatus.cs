using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>The file that changes are kept in for a later run.</summary>
internal sealed record StateStatus
{
    public required string File { get; init; }

    [Description("Why the newest state is not saved; absent when it is.")]
    public string? Problem { get; init; }

    [Description("Changes of the earlier run that are in force again.")]
    public int? Restored { get; init; }

    [Description("Those that are not: expired, or refused; list_changes(include_ended=true) shows the refused.")]
    public int? NotRestored { get; init; }
}
