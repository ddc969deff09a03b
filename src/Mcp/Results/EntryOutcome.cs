using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Results;

/// <summary>What became of an entry of a document.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EntryOutcome>))]
internal enum EntryOutcome
{
    [JsonStringEnumMemberName("applied")]
    Applied,

    [JsonStringEnumMemberName("renewed")]
    Renewed,

    [JsonStringEnumMemberName("would_apply")]
    WouldApply,

    [JsonStringEnumMemberName("refused")]
    Refused,
}
