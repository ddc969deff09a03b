using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Coxswain.Mcp.Documents;

/// <summary>Writes changes as list_changes tells them in the format that <see cref="ChangeReader"/> takes.</summary>
internal static class ChangeWriter
{
    // Fields with the same name and meaning on both sides, in the order in which people read them.
    private static readonly string[] s_fields =
    [
        "class", "slice_us", "budget_pct", "namespace", "label_selector", "pods", "command", "cgroup", "unit", "uid", "pids", "ttl_seconds",
        "until_pods_end", "guard", "reason",
    ];

    // A double-quoted text in YAML knows the escapes of JSON.
    private static readonly JsonWriterOptions s_text = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), Indented = false };

    /// <summary>Writes YAML, with what cannot be applied as comments.</summary>
    public static string Yaml(IReadOnlyList<JsonElement> rows)
    {
        var text = new StringBuilder(rows.Count > 0 ? "changes:\n" : "changes: []\n");
        foreach (var row in rows)
        {
            text.Append("# ").Append(Comment(row)).Append('\n');
            var first = true;
            foreach (var (name, value) in Fields(row))
            {
                text.Append(first ? "- " : "  ").Append(name).Append(": ").Append(value).Append('\n');
                first = false;
            }
        }

        return text.ToString();
    }

    /// <summary>Writes JSON.</summary>
    public static string Json(IReadOnlyList<JsonElement> rows)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_text with { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("changes");
            foreach (var row in rows)
            {
                json.WriteStartObject();
                foreach (var (name, value) in Fields(row))
                {
                    json.WritePropertyName(name);
                    json.WriteRawValue(value);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    // Ids of other clients are data: on one line, whatever they are.
    private static string Comment(JsonElement row)
    {
        var left = row.GetProperty("expires_in_seconds").GetInt32();
        var more = row.TryGetProperty("pids_total", out var total) ? $", only the first of {total.GetInt32()} pids" : "";
        return Core.Workloads.CommandText.Clean($"{row.GetProperty("change_id").GetString()} by {row.GetProperty("by").GetString()}, {left} s left{more}", 300);
    }

    private static IEnumerable<(string Name, string Value)> Fields(JsonElement row)
    {
        foreach (var name in s_fields)
        {
            if (row.TryGetProperty(name, out var value))
            {
                yield return (name, Raw(value));
            }
        }

        // "hard 0-3"
        if (row.TryGetProperty("cpus", out var cpus) && cpus.GetString()!.Split(' ') is [var kind, var list])
        {
            yield return ("cpus", $"\"{list}\"");
            yield return ("hard", kind == "hard" ? "true" : "false");
        }
    }

    private static string Raw(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_text))
        {
            value.WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
