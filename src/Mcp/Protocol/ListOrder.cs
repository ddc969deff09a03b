using Coxswain.Mcp.Access;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Protocol;

/// <summary>Sorts lists by name and says how long they are good.</summary>
/// <remarks>The library's collections have no order of their own; clients cache better, and models read better, what stays the same.</remarks>
internal static class ListOrder
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(5);

    public static McpRequestHandler<ListToolsRequestParams, ListToolsResult> Tools(
        McpRequestHandler<ListToolsRequestParams, ListToolsResult> next) => async (context, cancellationToken) =>
    {
        var result = await next(context, cancellationToken).ConfigureAwait(false);
        // Nobody needs to know what he may not use; he would be refused it.
        result.Tools = [.. result.Tools.Where(tool => Peer.Current is not { } peer || Toolsets.Of(tool) <= peer.Role).OrderBy(tool => tool.Name, StringComparer.Ordinal)];
        (result.TimeToLive, result.CacheScope) = (s_lifetime, Peer.Current is null ? CacheScope.Public : CacheScope.Private);
        return result;
    };

    public static McpRequestHandler<ListPromptsRequestParams, ListPromptsResult> Prompts(
        McpRequestHandler<ListPromptsRequestParams, ListPromptsResult> next) => async (context, cancellationToken) =>
    {
        var result = await next(context, cancellationToken).ConfigureAwait(false);
        result.Prompts = [.. result.Prompts.OrderBy(prompt => prompt.Name, StringComparer.Ordinal)];
        (result.TimeToLive, result.CacheScope) = (s_lifetime, CacheScope.Public);
        return result;
    };

    public static McpRequestHandler<ListResourcesRequestParams, ListResourcesResult> Resources(
        McpRequestHandler<ListResourcesRequestParams, ListResourcesResult> next) => async (context, cancellationToken) =>
    {
        var result = await next(context, cancellationToken).ConfigureAwait(false);
        result.Resources = [.. result.Resources.OrderBy(resource => resource.Uri, StringComparer.Ordinal)];
        (result.TimeToLive, result.CacheScope) = (s_lifetime, CacheScope.Public);
        return result;
    };
}
