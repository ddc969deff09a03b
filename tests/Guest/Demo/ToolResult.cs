using System.Text.Json;

namespace Coxswain.Guest.Demo;

/// <summary>Reads the few fields of tool results that the demo decides by.</summary>
internal static class ToolResult
{
    public static bool Boolean(JsonElement result, string name) => Property(result, name).GetBoolean();

    public static string Text(JsonElement result, string name) => Property(result, name).GetString() ?? "";

    /// <summary>Class of each task in a result of list_tasks, by process id; empty for a task without a directive.</summary>
    public static Dictionary<int, string> ClassByPid(JsonElement result)
    {
        var classes = new Dictionary<int, string>();
        foreach (JsonElement task in Property(result, "tasks").EnumerateArray())
        {
            classes[Property(task, "pid").GetInt32()] = task.TryGetProperty("class", out JsonElement name) ? name.GetString() ?? "" : "";
        }

        return classes;
    }

    private static JsonElement Property(JsonElement result, string name) =>
        result.ValueKind == JsonValueKind.Object && result.TryGetProperty(name, out JsonElement value)
            ? value
            : throw new GuestException($"the tool's result has no '{name}': {result.GetRawText()}");
}
