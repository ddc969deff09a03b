using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads values of one entry, and remembers what is wrong with them.</summary>
internal sealed class FieldReader
{
    private const int MaxShown = 60;
    private readonly List<string> _problems = [];

    /// <summary>What is wrong, one part of a sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>A value as it can be shown.</summary>
    public static string Show(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return CommandText.Clean(text, MaxShown) + (text.Length > MaxShown ? "…" : "");
    }

    /// <summary>Notes that something is wrong.</summary>
    public void Wrong(string name, JsonNode? value, string allowed) => _problems.Add($"{name}={Show(value)} must be {allowed}");

    /// <summary>Notes that something is wrong, in whole.</summary>
    public void Wrong(string problem) => _problems.Add(problem);

    /// <summary>A text; empty when it is none.</summary>
    public string Text(string name, JsonNode? value)
    {
        if (value is JsonValue scalar && scalar.TryGetValue<string>(out var text))
        {
            return text;
        }

        Wrong(name, value, "a text");
        return "";
    }

    /// <summary>A list of texts, or one text that stands for such a list.</summary>
    public List<string> Texts(string name, JsonNode? value) => value switch
    {
        JsonArray list => [.. list.Select(item => Text(name, item))],
        _ => [Text(name, value)],
    };

    /// <summary>A whole number; 0 when it is none.</summary>
    public long Number(string name, JsonNode? value, long least, long most)
    {
        if (TryNumber(value, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(name, value, $"a whole number from {least} to {most}");
        return 0;
    }

    /// <summary>True or false; false when it is neither.</summary>
    public bool Truth(string name, JsonNode? value)
    {
        if (value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetValueKind() == JsonValueKind.True;
        }

        Wrong(name, value, "true or false");
        return false;
    }

    /// <summary>Reads a whole number, however the tree came to it.</summary>
    public static bool TryNumber(JsonNode? value, out long number)
    {
        number = 0;
        return value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.Number &&
            long.TryParse(scalar.ToJsonString(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}
