using System.Text.Json;
using System.Text.Json.Serialization;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Protocol;

/// <summary>Writes results as <see cref="McpJson.Options"/> does, and hides from the SDK what they are made of.</summary>
/// <remarks>
/// It would describe each result down to the last field at every start, by reflection on every attribute: two thirds of what a
/// start costs. <see cref="ToolSchemas"/> publishes an outline, and needs the first level for that.
/// </remarks>
internal sealed class ToolResultConverter : JsonConverter<object>
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(IToolResult));

    public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Nobody reads results here.");

    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, McpJson.Options.GetTypeInfo(value.GetType()));
}
