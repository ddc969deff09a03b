namespace Coxswain.Mcp.Protocol;

/// <summary>The two eras of the protocol; its versions are dates, in order as text.</summary>
internal static class ProtocolVersions
{
    /// <summary>The first version without a handshake and sessions.</summary>
    public const string FirstStateless = "2026-07-28";

    /// <summary>The newest that the protocol library knows.</summary>
    public const string Newest = "2026-07-28";

    /// <summary>Whether each request of this version stands for itself.</summary>
    public static bool IsStateless(string? version) => string.CompareOrdinal(version, FirstStateless) >= 0;
}
