using System.ComponentModel;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Resources;

/// <summary>A text, an image, a template, and what can be listened for.</summary>
[McpServerResourceType]
internal sealed class ContentResources
{
    private const string PngUri = "test://static-binary";

    [McpServerResource(UriTemplate = "test://static-text", Name = "static-text", MimeType = "text/plain"), Description("A text.")]
    public static string Text() => "This is the content of the static text resource.";

    [McpServerResource(UriTemplate = PngUri, Name = "static-binary", MimeType = Samples.PngType), Description("An image.")]
    public static BlobResourceContents Binary() => BlobResourceContents.FromBytes(Samples.Png, PngUri, Samples.PngType);

    [McpServerResource(UriTemplate = "test://template/{id}/data", Name = "template", MimeType = "application/json"), Description("Data of an id.")]
    public static string Template([Description("The id.")] string id) =>
        new JsonObject { ["id"] = id, ["templateTest"] = true, ["data"] = $"Data for ID: {id}" }.ToJsonString();

    [McpServerResource(UriTemplate = WatchedResource.Address, Name = "watched-resource", MimeType = "text/plain"), Description("A text that can be listened for.")]
    public static string Watched() => "Nothing has changed.";
}
