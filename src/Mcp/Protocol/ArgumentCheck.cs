using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coxswain.Core.Intents;
using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Protocol;

/// <summary>Checks the arguments of a call against the tool's own schema, which the protocol library only advertises.</summary>
/// <remarks>Knows the keywords that the schemas of this server use; a test fails when one of them uses another.</remarks>
internal static class ArgumentCheck
{
    private const int MaxShown = 60;
    private const int MaxItemProblems = 3;

    // Where an empty text says the same as none. Any other would name something by nothing; that each of them needs a character is not published, as
    // the list of tools has no bytes to spare.
    private static readonly string[] s_mayBeEmpty = ["'reason'", "'plan_id'"];
    private static readonly TimeSpan s_patternLimit = TimeSpan.FromMilliseconds(50);

    /// <summary>Finds everything that is wrong.</summary>
    /// <returns>One part of a sentence for each problem, with what is allowed; empty when the call is fine.</returns>
    public static IReadOnlyList<string> Problems(JsonElement schema, IDictionary<string, JsonElement>? arguments)
    {
        var problems = new List<string>();
        var properties = schema.GetProperty("properties");
        var known = properties.EnumerateObject().Select(property => property.Name).ToList();
        foreach (var (name, value) in arguments ?? new Dictionary<string, JsonElement>())
        {
            if (properties.TryGetProperty(name, out var property))
            {
                Check($"'{name}'", property, value, problems);
            }
            else
            {
                problems.Add(Unknown(name, known));
            }
        }

        foreach (var name in Required(schema).Where(name => arguments?.ContainsKey(name) != true))
        {
            problems.Add($"missing required argument '{name}' ({Meaning(properties.GetProperty(name))})");
        }

        return problems;
    }

    /// <summary>Finds the optional arguments that were given as null, which means the same as leaving them out.</summary>
    public static IReadOnlyList<string> NullArguments(JsonElement schema, IDictionary<string, JsonElement>? arguments)
    {
        var required = Required(schema).ToHashSet();
        return [.. (arguments ?? new Dictionary<string, JsonElement>())
            .Where(pair => pair.Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined && !required.Contains(pair.Key))
            .Select(pair => pair.Key)];
    }

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(name => name.GetString()!) : [];

    private static string Unknown(string name, List<string> known)
    {
        var shown = CommandText.Clean(name, MaxShown);
        var similar = NearMiss.Of(shown, known, most: 1);
        var list = known.Count > 0 ? $"known: {string.Join(", ", known)}" : "this tool takes none";
        return similar.Count > 0 ? $"unknown argument '{shown}', did you mean '{similar[0]}'? ({list})" : $"unknown argument '{shown}' ({list})";
    }

    private static string Meaning(JsonElement property)
    {
        var text = property.TryGetProperty("description", out var description) ? description.GetString()! : "";
        if (property.TryGetProperty("enum", out var values))
        {
            return $"one of {Values(values)}";
        }

        // The first sentence; "e.g. 5" is no end of one.
        var end = 0;
        while ((end = text.IndexOf(". ", end + 1, StringComparison.Ordinal)) > 0 && !char.IsUpper(text[end + 2]))
        {
        }

        return (end > 0 ? text[..end] : text).TrimEnd('.');
    }

    private static void Check(string name, JsonElement schema, JsonElement value, List<string> problems)
    {
        var type = schema.TryGetProperty("type", out var declared) ? declared.GetString() : schema.TryGetProperty("enum", out _) ? "string" : null;
        if (type is not null && !HasType(value, type))
        {
            problems.Add($"{name}={Shown(value)} must be {WithArticle(type)}{(schema.TryGetProperty("enum", out var values) ? $", one of {Values(values)}" : "")}");
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String: CheckText(name, schema, value, problems); break;
            case JsonValueKind.Number: CheckNumber(name, schema, value, problems); break;
            case JsonValueKind.Array: CheckItems(name, schema, value, problems); break;
            default: break;
        }
    }

    private static void CheckText(string name, JsonElement schema, JsonElement value, List<string> problems)
    {
        var text = value.GetString()!;
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(allowed => allowed.ValueEquals(text)))
        {
            problems.Add($"{name}={Shown(value)} must be one of {Values(values)}");
        }
        else if (text.Length == 0 && !s_mayBeEmpty.Contains(name))
        {
            problems.Add($"{name} must not be empty");
        }

        if (Limit(schema, "maxLength") is { } most && text.Length > most)
        {
            problems.Add($"{name} has {text.Length} characters, at most {most} are allowed");
        }

        if (schema.TryGetProperty("pattern", out var pattern) &&
            !Regex.IsMatch(text, pattern.GetString()!, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, s_patternLimit))
        {
            problems.Add($"{name}={Shown(value)} must match {pattern.GetString()}");
        }
    }

    private static void CheckNumber(string name, JsonElement schema, JsonElement value, List<string> problems)
    {
        var number = value.GetDouble();
        if (Limit(schema, "minimum") is { } least && number < least)
        {
            problems.Add($"{name}={Shown(value)} is below the minimum {Text(least)}");
        }

        if (Limit(schema, "maximum") is { } most && number > most)
        {
            problems.Add($"{name}={Shown(value)} is above the maximum {Text(most)}");
        }
    }

    private static void CheckItems(string name, JsonElement schema, JsonElement value, List<string> problems)
    {
        var count = value.GetArrayLength();
        if (Limit(schema, "minItems") is { } least && count < least)
        {
            problems.Add($"{name} must not be empty");
        }

        if (Limit(schema, "maxItems") is { } most && count > most)
        {
            problems.Add($"{name} has {count} entries, at most {Text(most)} are allowed");
            return;
        }

        if (!schema.TryGetProperty("items", out var items))
        {
            return;
        }

        var found = new List<string>();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Check($"{name[..^1]}[{index++}]'", items, item, found);
        }

        problems.AddRange(found.Take(MaxItemProblems));
        if (found.Count > MaxItemProblems)
        {
            problems.Add($"{found.Count - MaxItemProblems} more entries of {name} are wrong");
        }
    }

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => throw new NotSupportedException($"type {type}"),
    };

    private static string WithArticle(string type) => type switch
    {
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => $"a {type}",
    };

    private static double? Limit(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var limit) ? limit.GetDouble() : null;

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Values(JsonElement values) => string.Join(", ", values.EnumerateArray().Select(value => value.ToString()));

    private static string Shown(JsonElement value)
    {
        var text = new StringBuilder(CommandText.Clean(value.GetRawText(), MaxShown));
        return value.GetRawText().Length > MaxShown ? text.Append("...").ToString() : text.ToString();
    }
}
