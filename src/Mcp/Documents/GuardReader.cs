using System.Text.Json.Nodes;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads the condition on which a change is taken back, of a tool's arguments or of a document.</summary>
internal static class GuardReader
{
    private static readonly string[] s_known = ["metric", "workload", "worse_than_us", "for_seconds"];

    /// <summary>Writes its fields into the schema of an argument.</summary>
    /// <param name="schema">The schema of the object.</param>
    public static void Describe(JsonObject schema)
    {
        schema["properties"] = new JsonObject
        {
            ["workload"] = new JsonObject { ["type"] = "string" },
            ["metric"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. IntentGuard.Metrics.Select(known => JsonValue.Create(known.Name))]) },
            ["worse_than_us"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = IntentGuard.MaxWorseThanUs },
            ["for_seconds"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = IntentGuard.MaxForSeconds, ["default"] = IntentGuard.DefaultForSeconds },
        };
        schema["required"] = new JsonArray("worse_than_us");
    }

    /// <summary>Reads what a tool was called with.</summary>
    /// <exception cref="ToolRefusedException">It is no condition.</exception>
    public static IntentGuard? Read(JsonObject? value)
    {
        if (value is null)
        {
            return null;
        }

        var fields = new FieldReader();
        var guard = Read(value, fields);
        return fields.Problems.Count == 0 ? guard : throw new ToolRefusedException(string.Join("; ", fields.Problems));
    }

    /// <summary>Reads a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="fields">Is told what is wrong.</param>
    /// <returns>Null when something is.</returns>
    public static IntentGuard? Read(JsonNode? value, FieldReader fields)
    {
        if (value is not JsonObject condition)
        {
            fields.Wrong("guard", value, "an object with worse_than_us, and metric, workload, for_seconds as needed");
            return null;
        }

        var before = fields.Problems.Count;
        foreach (var (name, _) in condition.Where(field => !s_known.Contains(field.Key)))
        {
            fields.Wrong($"unknown field 'guard.{CommandText.Clean(name, 60)}'; known are {string.Join(", ", s_known)}");
        }

        var guard = new IntentGuard(
            Metric(condition, fields),
            Workload(condition, fields),
            (int)fields.Number("guard.worse_than_us", condition["worse_than_us"], 1, IntentGuard.MaxWorseThanUs),
            condition.TryGetPropertyValue("for_seconds", out var seconds)
                ? (int)fields.Number("guard.for_seconds", seconds, 1, IntentGuard.MaxForSeconds)
                : IntentGuard.DefaultForSeconds);
        return fields.Problems.Count == before ? guard : null;
    }

    private static ObservedMeasure Metric(JsonObject condition, FieldReader fields)
    {
        if (!condition.TryGetPropertyValue("metric", out var value))
        {
            return ObservedMeasure.WaitP99;
        }

        foreach (var (name, metric) in IntentGuard.Metrics)
        {
            if (value is JsonValue text && text.TryGetValue<string>(out var given) && given == name)
            {
                return metric;
            }
        }

        fields.Wrong("guard.metric", value, string.Join(", ", IntentGuard.Metrics.Select(known => known.Name)));
        return default;
    }

    private static GuardWorkload Workload(JsonObject condition, FieldReader fields)
    {
        if (!condition.TryGetPropertyValue("workload", out var value))
        {
            return GuardWorkload.Others;
        }

        var text = value is JsonValue given && given.TryGetValue<string>(out var name) ? name : "";
        if (GuardWorkload.TryParse(text, out var problem) is { } workload)
        {
            return workload;
        }

        fields.Wrong($"guard.workload{problem}");
        return GuardWorkload.Others;
    }
}
