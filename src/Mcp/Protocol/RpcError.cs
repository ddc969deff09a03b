using System.Text.Json;

namespace Coxswain.Mcp.Protocol;

/// <summary>Errors of the protocol that no server stands behind.</summary>
internal static class RpcError
{
    /// <summary>The server does not serve this, or no longer.</summary>
    public const int Refused = -32000;

    /// <summary>The error as a line.</summary>
    /// <param name="id">Id of the request, as it was written; "null" for none.</param>
    /// <param name="code">Number.</param>
    /// <param name="message">What went wrong, and what to do.</param>
    public static string Line(string id, int code, string message) =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":{{{code}}},"message":"{{{JsonEncodedText.Encode(message)}}}"}}""" + "\n";
}
