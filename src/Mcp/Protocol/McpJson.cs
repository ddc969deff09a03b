using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelContextProtocol;

namespace Coxswain.Mcp.Protocol;

/// <summary>How arguments are read and results written.</summary>
/// <remarks>Not in <see cref="McpJsonContext"/>: a static member there would run before the context's own.</remarks>
internal static class McpJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>The same for tools: see <see cref="ToolResultConverter"/>.</summary>
    public static JsonSerializerOptions ToolOptions { get; } = CreateForTools();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(McpJsonUtilities.DefaultOptions)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.Strict,
            // The text is JSON inside JSON and never HTML: quotes and µ stay readable for models that see only the text.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.TypeInfoResolverChain.Insert(0, McpJsonContext.Default);
        options.MakeReadOnly();
        return options;
    }

    private static JsonSerializerOptions CreateForTools()
    {
        var options = new JsonSerializerOptions(Options) { Converters = { new ToolResultConverter() } };
        options.MakeReadOnly();
        return options;
    }
}
