using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Results;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Protocol;

/// <summary>Makes the generated schemas say exactly what the server accepts and returns.</summary>
/// <remarks>
/// Optional values are left out, never null, on both sides: several clients reject or warn about a type that is a list.
/// And an argument that the tool does not know must not pass unnoticed: "ttl" instead of "ttl_seconds" would otherwise
/// give the default lifetime without a word.
/// </remarks>
internal sealed class ToolSchemas(ToolRegistry registry) : IPostConfigureOptions<McpServerOptions>
{
    // What explains the values of a field, as opposed to the field.
    private const int LongDescription = 60;

    // The field that every result has.
    private const string EveryResult = "as_of";

    public void PostConfigure(string? name, McpServerOptions options)
    {
        foreach (var tool in options.ToolCollection ?? [])
        {
            tool.ProtocolTool.InputSchema = Input(tool);
            tool.ProtocolTool.Annotations!.Title = null; // the tool itself has it
            // A tool that answers with content only, an image say, promises no structure.
            if (ResultOf(tool) is var result && result.IsAssignableTo(typeof(IToolResult)))
            {
                tool.ProtocolTool.OutputSchema = Outline(result);
            }
        }

        registry.Take(options.ToolCollection ??= []);
    }

    private static JsonElement Input(McpServerTool tool)
    {
        var root = Parse(tool.ProtocolTool.InputSchema);
        root["additionalProperties"] = false;
        var properties = (JsonObject)(root["properties"] ??= new JsonObject());
        RemoveNull(root);
        foreach (var parameter in tool.Metadata.OfType<MethodInfo>().SelectMany(method => method.GetParameters()))
        {
            if (parameter.GetCustomAttribute<ItemsAttribute>() is { } items)
            {
                Bound(properties[parameter.Name!]!.AsObject(), items);
            }

            if (parameter.GetCustomAttribute<GuardFieldsAttribute>() is not null)
            {
                GuardReader.Describe(properties[parameter.Name!]!.AsObject());
            }
        }

        return JsonElement.Parse(root.ToJsonString());
    }

    private static void Bound(JsonObject list, ItemsAttribute items)
    {
        list["minItems"] = 1;
        list["maxItems"] = items.Most;
        if (items.Maximum > 0)
        {
            list["items"]!["minimum"] = items.Minimum;
            list["items"]!["maximum"] = items.Maximum;
        }
    }

    /// <summary>What a tool returns, as its method declares it.</summary>
    internal static Type ResultOf(McpServerTool tool)
    {
        var returned = tool.Metadata.OfType<MethodInfo>().Single().ReturnType;
        return returned.IsGenericType ? returned.GenericTypeArguments.Single() : returned;
    }

    // Clients get an outline: hardly one shows a model more, and each byte is paid for in every conversation. The time, and the
    // text that needs explaining: the other fields, and all types, results show a model anyway.
    private static JsonElement Outline(Type result)
    {
        var properties = new JsonObject();
        foreach (var property in McpJson.Options.GetTypeInfo(result).Properties)
        {
            var isText = property.PropertyType == typeof(string) || (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsEnum;
            if (!isText)
            {
                continue;
            }

            var outline = new JsonObject();
            if (Description(property) is { Length: > LongDescription } description)
            {
                outline["description"] = description;
            }

            // A schema that only describes allows anything, which strict clients complain of.
            if (property.Name == EveryResult || outline.Count > 0)
            {
                outline["type"] = "string";
                properties[property.Name] = outline;
            }
        }

        return JsonElement.Parse(new JsonObject { ["type"] = "object", ["properties"] = properties }.ToJsonString());
    }

    private static string? Description(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true).OfType<DescriptionAttribute>().FirstOrDefault()?.Description;

    private static JsonObject Parse(JsonElement schema) => JsonNode.Parse(schema.GetRawText())!.AsObject();

    /// <summary>Optional values are left out, never null.</summary>
    internal static void RemoveNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types && types.FirstOrDefault(IsNotNull) is { } type)
        {
            schema["type"] = type.DeepClone();
        }

        if (schema["enum"] is JsonArray values)
        {
            schema["enum"] = new JsonArray([.. values.Where(value => value is not null).Select(value => value!.DeepClone())]);
        }

        // What is the same as leaving it out need not be said.
        if (schema.ContainsKey("default") && schema["default"]?.ToJsonString() is null or "\"\"" or "false")
        {
            schema.Remove("default");
        }

        // That texts are not empty is checked everywhere, and said by the refusal.
        if (schema["minLength"]?.GetValue<int>() == 1)
        {
            schema.Remove("minLength");
        }

        if (schema["items"] is JsonObject items)
        {
            RemoveNull(items);
        }

        foreach (var property in (schema["properties"] as JsonObject ?? []).Select(pair => pair.Value).OfType<JsonObject>())
        {
            RemoveNull(property);
        }
    }

    private static bool IsNotNull(JsonNode? type) => type?.GetValue<string>() is not (null or "null");
}
