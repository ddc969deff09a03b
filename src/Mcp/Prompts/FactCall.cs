using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coxswain.Mcp.Prompts;

/// <summary>A call of a read-only tool that a prompt makes for its reader.</summary>
/// <param name="Tool">Name of the tool.</param>
/// <param name="Values">Arguments, by name; one that begins with $ refers to an argument of the prompt.</param>
internal sealed record FactCall(string Tool, IReadOnlyList<KeyValuePair<string, string>> Values)
{
    private const string Keyword = "facts ";

    /// <summary>The arguments of the prompt that it refers to.</summary>
    public IEnumerable<string> References => Values.Where(value => value.Value.StartsWith('$')).Select(value => value.Value[1..]);

    /// <summary>Reads "facts list_pods namespace=$namespace limit=10".</summary>
    /// <returns>Null when it is something else.</returns>
    /// <exception cref="FormatException">It begins so, and goes on wrong.</exception>
    public static FactCall? TryParse(string text)
    {
        if (!text.StartsWith(Keyword, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = text[Keyword.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var values = new List<KeyValuePair<string, string>>();
        foreach (var part in parts.Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw new FormatException($"'{text}': each argument must be name=value");
            }

            values.Add(new(part[..equals], part[(equals + 1)..]));
        }

        return parts.Length > 0 ? new FactCall(parts[0], values) : throw new FormatException("facts must be followed by the name of a tool");
    }

    /// <summary>The arguments for the tool, in the types that it wants; those that refer to nothing are left out.</summary>
    public Dictionary<string, JsonElement> Arguments(JsonElement schema, Func<string, string> argument)
    {
        var arguments = new Dictionary<string, JsonElement>();
        foreach (var (name, value) in Values)
        {
            var text = value.StartsWith('$') ? argument(value[1..]) : value;
            if (text.Length > 0)
            {
                arguments[name] = JsonElement.Parse(Typed(schema, name, text).ToJsonString());
            }
        }

        return arguments;
    }

    /// <summary>As a person or an agent would write the call.</summary>
    public string Show() => $"{Tool}({string.Join(", ", Values.Select(value => $"{value.Key}={(value.Value.StartsWith('$') ? $"<{value.Value[1..]}>" : value.Value)}"))})";

    // What does not fit its type stays text, and the tool says what is wrong with it.
    private static JsonNode Typed(JsonElement schema, string name, string text)
    {
        var type = schema.GetProperty("properties").TryGetProperty(name, out var property) && property.TryGetProperty("type", out var declared) ? declared.GetString() : null;
        return type switch
        {
            "integer" when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            "boolean" when bool.TryParse(text, out var flag) => JsonValue.Create(flag),
            "array" => new JsonArray([.. text.Split(',').Select(item => (JsonNode)JsonValue.Create(item))]),
            _ => JsonValue.Create(text),
        };
    }
}
