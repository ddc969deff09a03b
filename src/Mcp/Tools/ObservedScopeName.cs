using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Tools;

/// <summary>How a call names the threads that it asks about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ObservedScopeName>))]
internal enum ObservedScopeName
{
    [JsonStringEnumMemberName("machine")]
    Machine = 0,

    [JsonStringEnumMemberName("pod")]
    Pod = 1,

    [JsonStringEnumMemberName("labels")]
    Labels = 2,

    [JsonStringEnumMemberName("pid")]
    Pid = 3,

    [JsonStringEnumMemberName("command")]
    Command = 4,

    [JsonStringEnumMemberName("cgroup")]
    Cgroup = 5,

    [JsonStringEnumMemberName("unit")]
    Unit = 6,

    [JsonStringEnumMemberName("class")]
    Class = 7,
}
