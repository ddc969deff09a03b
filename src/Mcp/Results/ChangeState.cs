using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Results;

/// <summary>Whether a change is in force.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeState>))]
internal enum ChangeState
{
    [JsonStringEnumMemberName("active")]
    Active,

    [JsonStringEnumMemberName("ended")]
    Ended,
}
