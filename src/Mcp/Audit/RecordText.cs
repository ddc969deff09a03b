using System.Text.Json;
using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Audit;

/// <summary>Makes every text of a record fit to be shown: to a person on a terminal, and to a model that reads it as a resource.</summary>
/// <remarks>
/// What was asked for, by whom and why, is written by those who ask. An escape sequence in it is shown, not dropped: that somebody tried is worth knowing.
/// </remarks>
internal static class RecordText
{
    private const int MaxLength = 8192;

    /// <summary>Builds a record.</summary>
    /// <param name="members">Writes its members.</param>
    /// <returns>The same with each name and each text cut, and without a control character in them.</returns>
    public static JsonElement Escape(Action<Utf8JsonWriter> members)
    {
        using var raw = new MemoryStream();
        using (var json = new Utf8JsonWriter(raw))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(raw.GetBuffer().AsMemory(0, (int)raw.Length));
        using var escaped = new MemoryStream();
        using (var json = new Utf8JsonWriter(escaped))
        {
            Write(json, document.RootElement);
        }

        return JsonElement.Parse(escaped.GetBuffer().AsSpan(0, (int)escaped.Length));
    }

    private static void Write(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(CommandText.Escape(member.Name, MaxLength));
                    Write(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(CommandText.Escape(TextOf(value), MaxLength));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    // Half of a surrogate pair is valid in JSON, and no text.
    private static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return text.GetRawText();
        }
    }
}
