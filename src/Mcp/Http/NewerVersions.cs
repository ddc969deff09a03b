using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Mcp.Protocol;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;

namespace Coxswain.Mcp.Http;

/// <summary>Tells clients of versions newer than the server knows which ones they can go on with.</summary>
/// <remarks>
/// The protocol library refuses them with all versions that it has, those that begin with a handshake among them. A client that
/// has no handshake picks its next version there or from <c>server/discover</c>, which leaves these out: both say the same here.
/// </remarks>
internal static class NewerVersions
{
    private const string VersionHeader = "MCP-Protocol-Version";

    /// <summary>Lets a request through, and corrects how it is refused.</summary>
    public static async Task PassAsync(HttpContext context, Func<Task> next)
    {
        // The answers to all others go out as they come: they may be streams without an end.
        if (string.CompareOrdinal(context.Request.Headers[VersionHeader].ToString(), ProtocolVersions.Newest) <= 0)
        {
            await next().ConfigureAwait(false);
            return;
        }

        var body = context.Response.Body;
        using var refusal = new MemoryStream();
        context.Response.Body = refusal;
        try
        {
            await next().ConfigureAwait(false);
        }
        finally
        {
            context.Response.Body = body;
        }

        var answer = Corrected(refusal.ToArray());
        context.Response.ContentLength = answer.Length;
        await body.WriteAsync(answer, context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] Corrected(byte[] refusal)
    {
        if (Read(refusal) is not JsonObject message || message["error"] is not JsonObject error ||
            error["code"]?.GetValue<int>() != (int)McpErrorCode.UnsupportedProtocolVersion || error["data"]?["supported"] is not JsonArray versions)
        {
            return refusal;
        }

        foreach (var version in versions.Where(version => !ProtocolVersions.IsStateless(version?.GetValue<string>())).ToList())
        {
            versions.Remove(version);
        }

        return Encoding.UTF8.GetBytes(message.ToJsonString());
    }

    private static JsonNode? Read(byte[] answer)
    {
        try
        {
            return JsonNode.Parse(answer);
        }
        catch (JsonException)
        {
            return null; // not in the protocol's form: it stays as it is
        }
    }
}
