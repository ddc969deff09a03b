using System.ComponentModel;
using Coxswain.Mcp.Tools;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>One tool for each kind of content that a result can have.</summary>
[McpServerToolType]
internal sealed class ContentTools
{
    [McpServerTool(Name = "test_simple_text", ReadOnly = true), Description("Answers with a text.")]
    public static string SimpleText() => "This is a simple text response for testing.";

    [McpServerTool(Name = "test_image_content", ReadOnly = true), Description("Answers with an image.")]
    public static ImageContentBlock Image() => ImageContentBlock.FromBytes(Samples.Png, Samples.PngType);

    [McpServerTool(Name = "test_audio_content", ReadOnly = true), Description("Answers with a sound.")]
    public static AudioContentBlock Audio() => AudioContentBlock.FromBytes(Samples.Wav, Samples.WavType);

    [McpServerTool(Name = "test_embedded_resource", ReadOnly = true), Description("Answers with a resource.")]
    public static EmbeddedResourceBlock EmbeddedResource() =>
        Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.");

    [McpServerTool(Name = "test_multiple_content_types", ReadOnly = true), Description("Answers with a text, an image and a resource.")]
    public static ContentBlock[] MultipleTypes() =>
    [
        new TextContentBlock { Text = "Multiple content types test:" },
        Image(),
        Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
    ];

    [McpServerTool(Name = "test_error_handling", ReadOnly = true), Description("Refuses every call.")]
    public static string Error() => throw new ToolRefusedException("This tool intentionally returns an error for testing");

    private static EmbeddedResourceBlock Embedded(string uri, string type, string text) =>
        new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };
}
