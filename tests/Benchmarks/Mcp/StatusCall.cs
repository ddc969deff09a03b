using System.Globalization;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>The call that is made, in the newest protocol, which needs no handshake.</summary>
internal static class StatusCall
{
    private const string Rest =
        ",\"method\":\"tools/call\",\"params\":{\"name\":\"get_status\",\"arguments\":{},\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," +
        "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";

    public static string Of(int id) => string.Create(CultureInfo.InvariantCulture, $"{{\"jsonrpc\":\"2.0\",\"id\":{id}{Rest}");

    public static void Check(string answer)
    {
        if (!answer.Contains("\"attached\":true", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"get_status answered {answer}");
        }
    }
}
