using System.Text.Json;

namespace Coxswain.Mcp.Results;

/// <summary>What the resource of the audit holds.</summary>
internal sealed record AuditDetails
{
    public required string AsOf { get; init; }

    /// <summary>Records since the server started.</summary>
    public required long Total { get; init; }

    /// <summary>The last of them, newest first, as they are in the file.</summary>
    public required IReadOnlyList<JsonElement> Records { get; init; }
}
