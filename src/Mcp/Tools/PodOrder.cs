using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Tools;

/// <summary>Order of a pod listing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PodOrder>))]
internal enum PodOrder
{
    [JsonStringEnumMemberName("cpu")]
    Cpu,

    [JsonStringEnumMemberName("wait")]
    Wait,

    [JsonStringEnumMemberName("name")]
    Name,
}
