namespace Coxswain.Mcp.Daemon;

/// <summary>The daemon's socket.</summary>
internal sealed record SocketSettings
{
    /// <summary>Where it is when nothing else is said.</summary>
    public const string DefaultPath = "/run/coxswain/coxswain.sock";

    /// <summary>Longest path that a Unix socket can have, bytes.</summary>
    public const int MaxPathLength = 107;

    /// <summary>Where it is.</summary>
    public string Path { get; init; } = DefaultPath;

    /// <summary>Group that may connect, if there is one of that name.</summary>
    public string Group { get; init; } = "coxswain";

    /// <summary>Most clients at one time.</summary>
    public int MaxClients { get; init; } = 256;

    /// <summary>Longest message from a client, bytes.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;
}
