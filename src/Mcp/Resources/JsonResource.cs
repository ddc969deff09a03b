using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coxswain.Mcp.Protocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Resources;

/// <summary>A resource of one address, the same JSON as a tool answers with.</summary>
/// <typeparam name="TResult">What it holds.</typeparam>
internal sealed class JsonResource<TResult>(string uri, string title, string description, Func<TResult> read) : McpServerResource
{
    public override ResourceTemplate ProtocolResourceTemplate { get; } = new()
    {
        UriTemplate = uri,
        Name = uri[ResourceUri.Prefix.Length..],
        Title = title,
        Description = description,
        MimeType = ResourceUri.Json,
    };

    public override IReadOnlyList<object> Metadata => [];

    public override bool IsMatch(string uri) => uri == ProtocolResourceTemplate.UriTemplate;

    public override ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken = default) =>
        new(ResourceUri.Answer(ProtocolResourceTemplate.UriTemplate, JsonSerializer.Serialize(read(), (JsonTypeInfo<TResult>)McpJson.Options.GetTypeInfo(typeof(TResult)))));
}
