using Coxswain.Core.Workloads;
using Coxswain.Mcp.Protocol;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Resources;

/// <summary>Addresses of resources.</summary>
internal static class ResourceUri
{
    public const string Prefix = "coxswain://";

    public const string Status = Prefix + "status";

    public const string Changes = Prefix + "changes";

    public const string Topology = Prefix + "topology";

    public const string Audit = Prefix + "audit";

    public const string Latency = Prefix + "latency";

    public const string Exit = Prefix + "exit";

    public const string PodTemplate = PodPrefix + "{namespace}/{name}";

    public const string Json = "application/json";

    private const string PodPrefix = Prefix + "pods/";
    private const int MaxLength = 600;

    /// <summary>The address of a pod.</summary>
    public static string OfPod(string space, string name) => $"{PodPrefix}{Uri.EscapeDataString(space)}/{Uri.EscapeDataString(name)}";

    /// <summary>The pod that an address names.</summary>
    /// <returns>Null when it is no address of a pod.</returns>
    public static (string Namespace, string Name)? PodOf(string uri)
    {
        if (uri.Length > MaxLength || !uri.StartsWith(PodPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = uri[PodPrefix.Length..].Split('/');
        return parts is [{ Length: > 0 } space, { Length: > 0 } name] ? (Uri.UnescapeDataString(space), Uri.UnescapeDataString(name)) : null;
    }

    /// <summary>There is no such resource; the code of the error is that of the client's protocol.</summary>
    public static McpProtocolException NotFound(RequestContext<ReadResourceRequestParams> request, string next)
    {
        var uri = CommandText.Clean(request.Params?.Uri ?? "", MaxLength);
        var hasOwnCode = !ProtocolVersions.IsStateless(request.JsonRpcRequest.Context?.ProtocolVersion ?? request.Server.NegotiatedProtocolVersion);
        return new McpProtocolException($"Resource not found: '{uri}'. {next}", hasOwnCode ? McpErrorCode.ResourceNotFound : McpErrorCode.InvalidParams)
        {
            Data = { ["uri"] = uri },
        };
    }

    /// <summary>An answer of one text.</summary>
    public static ReadResourceResult Answer(string uri, string json) => new()
    {
        Contents = [new TextResourceContents { Uri = uri, MimeType = Json, Text = json }],
        // It is what is now.
        TimeToLive = TimeSpan.Zero,
        CacheScope = CacheScope.Private,
    };
}
