using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

/// <summary>Who calls a tool.</summary>
internal static class Caller
{
    /// <summary>What the client calls itself; nobody verifies it.</summary>
    public static string NameOf(McpServer server) =>
        server.ClientInfo is { } client ? $"{client.Name} {client.Version}".Trim() : "unknown client";
}
