using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads JSON or YAML into one tree, within bounds of size and depth.</summary>
internal static class DocumentText
{
    /// <summary>Longest document, characters.</summary>
    public const int MaxLength = 262_144;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 16;

    private const int MaxShown = 200;

    /// <summary>Reads a document.</summary>
    /// <exception cref="DocumentException">It is neither JSON nor YAML, or too large.</exception>
    public static JsonObject Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new DocumentException($"the document has {text.Length} characters, at most {MaxLength} are read");
        }

        var root = text.AsSpan().TrimStart() is ['{' or '[', ..] ? ParseJson(text) : YamlTree.Parse(text);
        return root as JsonObject ?? throw new DocumentException("the document must be an object with \"strategies\" or \"changes\" in it");
    }

    private static JsonNode? ParseJson(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new DocumentException($"the document is no valid JSON: {CommandText.Clean(exception.Message, MaxShown).TrimEnd('.')}");
        }
    }
}
