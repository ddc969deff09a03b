using System.Text.Json.Serialization;
using Coxswain.Core.Observe;

namespace Coxswain.Mcp.Results;

/// <summary>What a comparison says; the values are those of <see cref="ComparisonVerdict"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VerdictName>))]
internal enum VerdictName
{
    [JsonStringEnumMemberName("no_clear_difference")]
    NoClearDifference = ComparisonVerdict.NoClearDifference,

    [JsonStringEnumMemberName("better")]
    Better = ComparisonVerdict.Better,

    [JsonStringEnumMemberName("worse")]
    Worse = ComparisonVerdict.Worse,
}
