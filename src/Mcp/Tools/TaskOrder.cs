using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Tools;

/// <summary>Order of a task listing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskOrder>))]
internal enum TaskOrder
{
    [JsonStringEnumMemberName("cpu")]
    Cpu,

    [JsonStringEnumMemberName("wait")]
    Wait,

    [JsonStringEnumMemberName("runtime")]
    Runtime,

    [JsonStringEnumMemberName("pid")]
    Pid,
}
