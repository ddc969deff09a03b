using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Tools;

/// <summary>What happens when another author's change holds for the same pods.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnConflict>))]
internal enum OnConflict
{
    [JsonStringEnumMemberName("refuse")]
    Refuse,

    [JsonStringEnumMemberName("replace")]
    Replace,
}
