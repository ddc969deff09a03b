using System.Text.Json;

namespace Coxswain.Mcp.Tests;

/// <summary>Validates JSON against the part of JSON Schema that tools may use. Whatever it does not know is a problem.</summary>
internal static class SchemaCheck
{
    private static readonly string[] s_known =
    [
        "type", "properties", "required", "additionalProperties", "items", "enum", "description", "default", "title",
        "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
    ];

    public static List<string> Problems(JsonElement schema, JsonElement value, string path = "$")
    {
        var problems = new List<string>();
        Check(schema, value, path, problems);
        return problems;
    }

    private static void Check(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        problems.AddRange(schema.EnumerateObject().Where(pair => !s_known.Contains(pair.Name)).Select(pair => $"{path}: keyword {pair.Name}"));
        if (!schema.TryGetProperty("type", out var declared))
        {
            return; // an outline leaves open what a field is
        }

        var type = declared.GetString();
        if (!HasType(value, type!))
        {
            problems.Add($"{path}: {value.GetRawText()} is not {type}");
            return;
        }

        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)))
        {
            problems.Add($"{path}: {value.GetRawText()} is not one of {values.GetRawText()}");
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in schema.TryGetProperty("items", out var items) ? value.EnumerateArray() : [])
            {
                Check(items, item, $"{path}[{index++}]", problems);
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            CheckObject(schema, value, path, problems);
        }
    }

    private static void CheckObject(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            problems.AddRange(required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{path}: no {name}"));
        }

        foreach (var member in value.EnumerateObject())
        {
            schema.TryGetProperty("additionalProperties", out var others);
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var property))
            {
                Check(property, member.Value, $"{path}.{member.Name}", problems);
            }
            else if (others.ValueKind == JsonValueKind.Object)
            {
                Check(others, member.Value, $"{path}.{member.Name}", problems);
            }
            else if (properties.ValueKind != JsonValueKind.Undefined || others.ValueKind != JsonValueKind.Undefined)
            {
                // A schema that tells nothing of its members is an outline, and leaves them open.
                problems.Add($"{path}: {member.Name} is not in the schema");
            }
        }
    }

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
