using Coxswain.Mcp.Access;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

/// <summary>Who calls a tool.</summary>
internal static class Caller
{
    // So that who it is fits beside what it calls itself.
    private const int MaxName = 50;

    /// <summary>What the client calls itself, which nobody verifies, and behind it in brackets who it is, where this machine knows.</summary>
    public static string NameOf(McpServer server)
    {
        var name = server.ClientInfo is { } client ? $"{client.Name} {client.Version}".Trim() : "unknown client";
        if (Peer.Current is not { } peer)
        {
            return name;
        }

        // Nobody calls himself somebody else.
        name = name.Replace('(', '[').Replace(')', ']');
        return $"{(name.Length > MaxName ? name[..MaxName] : name)} ({peer.Name})";
    }
}
