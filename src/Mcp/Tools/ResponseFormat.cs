using System.Text.Json.Serialization;

namespace Coxswain.Mcp.Tools;

/// <summary>How much a row tells.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResponseFormat>))]
internal enum ResponseFormat
{
    /// <summary>What it takes to choose; what is usual is left out.</summary>
    [JsonStringEnumMemberName("concise")]
    Concise,

    /// <summary>Everything, also what is usual.</summary>
    [JsonStringEnumMemberName("detailed")]
    Detailed,
}
