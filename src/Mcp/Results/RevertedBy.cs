using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Results;

/// <summary>Who took a change back, where it was not whoever may.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RevertedBy>))]
internal enum RevertedBy
{
    [JsonStringEnumMemberName("guard")]
    Guard,
}
