using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Protocol;

/// <summary>Says of an answer that the machine is made up, so that nobody takes it for the one before him.</summary>
internal static class SimulatedAnswer
{
    private const string Field = "simulated";

    /// <summary>Adds <c>simulated: true</c> to the result and its text; to a refusal, which has no result, as metadata.</summary>
    public static CallToolResult Mark(CallToolResult result)
    {
        (result.Meta ??= [])[Field] = true;
        if (result.StructuredContent is { ValueKind: JsonValueKind.Object } structured)
        {
            var text = structured.GetRawText();
            var marked = $$"""{"{{Field}}":true{{(structured.EnumerateObject().Any() ? "," : "")}}{{text[1..]}}""";
            result.StructuredContent = JsonElement.Parse(marked);
            result.Content = [new TextContentBlock { Text = marked }];
        }

        return result;
    }
}
