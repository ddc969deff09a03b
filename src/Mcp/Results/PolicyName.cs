using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Results;

/// <summary>The built-in policies; a test compares them with the core's.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PolicyName>))]
internal enum PolicyName
{
    [JsonStringEnumMemberName("deadline")]
    Deadline,

    [JsonStringEnumMemberName("vtime")]
    Vtime,

    [JsonStringEnumMemberName("fifo")]
    Fifo,
}
