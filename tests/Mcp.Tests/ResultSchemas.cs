using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tests;

/// <summary>What tools return, described in full by the library that the SDK uses; what is published is an outline.</summary>
internal sealed class ResultSchemas(IEnumerable<McpServerTool> tools)
{
    private static readonly ConcurrentDictionary<Type, JsonElement> s_described = new();
    private readonly Dictionary<string, Type> _results = tools.ToDictionary(tool => tool.ProtocolTool.Name, ToolSchemas.ResultOf);

    public JsonElement this[string tool] => s_described.GetOrAdd(_results[tool], Describe);

    private static JsonElement Describe(Type result)
    {
        var schema = JsonNode.Parse(AIJsonUtilities.CreateJsonSchema(result, serializerOptions: McpJson.Options).GetRawText())!.AsObject();
        ToolSchemas.RemoveNull(schema);
        return JsonElement.Parse(schema.ToJsonString());
    }
}
