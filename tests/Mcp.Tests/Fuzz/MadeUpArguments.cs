using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Tests;

/// <summary>Arguments made up from the schemas: right, half right and wrong. The same seed makes the same.</summary>
/// <param name="random">Decides.</param>
/// <param name="changeIds">The ids of changes that there are or were, the newest first.</param>
internal sealed class MadeUpArguments(Random random, Func<IReadOnlyList<string>> changeIds)
{
    private static readonly string[] s_texts =
    [
        "", "upf", "^upf$", "free5gc", "batch", "upf-0", "job-1", "app=upf", "app in (upf,smf),!x", "/kubepods", "/system.slice", "ssh.service", "chg_aaaaa",
        "0", "0-3", "3-1", "0,2,4-7", "99999", "(", "[a-", "(a+)+$", "\u001b[2J", "\0", "../../etc/passwd", "'; rm -rf /", "😀", "null", "-1",
    ];

    private readonly Random _random = random;

    /// <summary>Makes up arguments of a tool, from its schema: most fit, some do not.</summary>
    public JsonObject MakeUp(Tool tool)
    {
        var arguments = new JsonObject();
        var required = tool.InputSchema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToList() : [];
        var properties = tool.InputSchema.GetProperty("properties").EnumerateObject().ToList();
        // Few together, or they exclude each other nearly always.
        var chance = Math.Min(0.5, 2.5 / Math.Max(1, properties.Count));
        foreach (var property in properties)
        {
            var wanted = required.Contains(property.Name) ? _random.NextDouble() < 0.97 : _random.NextDouble() < chance;
            if (wanted)
            {
                arguments[property.Name] = _random.NextDouble() < 0.05 ? Wrong() : Fitting(property.Name, property.Value);
            }
        }

        if (_random.NextDouble() < 0.02)
        {
            arguments[_random.NextDouble() < 0.5 ? "ttl" : s_texts[_random.Next(s_texts.Length)]] = Wrong();
        }

        return arguments;
    }

    private JsonNode? Fitting(string name, JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var values))
        {
            return values[_random.Next(values.GetArrayLength())].GetString();
        }

        return schema.GetProperty("type").GetString() switch
        {
            "integer" => name == "uid" && _random.Next(2) == 0 ? 1000 : Number(schema),
            "boolean" => _random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Item(name, schema.GetProperty("items")))]),
            "object" when name == "guard" => new JsonObject { ["worse_than_us"] = _random.Next(-1, 10_000), ["workload"] = _random.Next(2) == 0 ? "others" : Text("workload") },
            "object" when name == "intent" => new JsonObject { ["class"] = _random.Next(2) == 0 ? "high" : "low", ["command"] = Text("command"), ["ttl_seconds"] = _random.Next(1, 1000) },
            "object" when name == "workload" => new JsonObject { ["command"] = Text("command") },
            "object" => new JsonObject { ["a"] = new JsonArray(new JsonObject { ["priority"] = _random.Next(21), ["command_regex"] = Text("command") }) },
            _ => Text(name),
        };
    }

    private JsonNode? Item(string list, JsonElement items) =>
        items.GetProperty("type").GetString() == "integer"
            ? _random.NextDouble() < 0.8 ? new[] { 1, 2, 20, 30, 31, 40, 41, 50, 60, 70, 80, 99 }[_random.Next(12)] : Number(items)
            : list == "change_ids" ? ChangeId() : new[] { "upf-0", "smf-0", "job-1", "web-0", "web-1", "none" }[_random.Next(6)];

    private int Number(JsonElement schema)
    {
        var (least, most) = (schema.GetProperty("minimum").GetInt64(), schema.GetProperty("maximum").GetInt64());
        return _random.Next(12) switch
        {
            0 => (int)least,
            1 => (int)most,
            2 => (int)Math.Max(int.MinValue, least - 1),
            3 => (int)Math.Min(int.MaxValue, most + 1),
            _ => (int)_random.NextInt64(least, most + 1),
        };
    }

    private string Text(string name) => (name, _random.NextDouble() < 0.7) switch
    {
        ("change_id", true) => ChangeId(),
        ("namespace", true) => new[] { "free5gc", "batch", "shop" }[_random.Next(3)],
        ("command", true) => new[] { "^upf$", "nginx", "worker", "web|job", "smf" }[_random.Next(5)],
        ("label_selector", true) => new[] { "app=upf", "app in (smf,job)", "app", "!app" }[_random.Next(4)],
        ("unit", true) => new[] { "nginx.service", "ssh.service", "none.service" }[_random.Next(3)],
        ("cgroup", true) => new[] { "/system.slice", "/system.slice/nginx.service", "/kubepods" }[_random.Next(3)],
        ("pod", true) => new[] { "upf-0", "job-1" }[_random.Next(2)],
        ("since", true) => "2026-09-01T12:00:00Z",
        ("client", true) => "agent",
        ("cpus", true) => new[] { "0", "0-3", "4,6", "16-31" }[_random.Next(4)],
        ("plan_id" or "cursor", true) => "",
        _ => _random.NextDouble() < 0.05 ? new string('x', _random.Next(5000)) : s_texts[_random.Next(s_texts.Length)],
    };

    private string ChangeId()
    {
        var ids = changeIds();
        return ids.Count > 0 && _random.NextDouble() < 0.9 ? ids[_random.Next(Math.Min(ids.Count, 10))] : "chg_aaaaa";
    }

    private JsonNode? Wrong() => _random.Next(8) switch
    {
        0 => null,
        1 => JsonNode.Parse("1e308"),
        2 => JsonNode.Parse("-9223372036854775808"),
        3 => JsonNode.Parse("1.5"),
        4 => new JsonArray(new JsonArray(), null, 1, "x"),
        5 => new JsonObject { ["a"] = new JsonObject() },
        6 => s_texts[_random.Next(s_texts.Length)],
        _ => true,
    };
}
