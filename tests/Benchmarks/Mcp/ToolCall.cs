using System.Globalization;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>A call of a tool in the newest protocol, which needs no handshake.</summary>
internal static class ToolCall
{
    private const string Meta = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}";

    /// <param name="id">Of the request.</param>
    /// <param name="tool">Its name.</param>
    /// <param name="arguments">A JSON object.</param>
    public static string Of(int id, string tool, string arguments) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\",\"arguments\":{arguments},{Meta}}}}}");
}
