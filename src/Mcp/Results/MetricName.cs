using System.Text.Json.Serialization;
using Coxswain.Core.Observe;

namespace Coxswain.Mcp.Results;

/// <summary>What observations are compared by; the values are those of <see cref="ObservedMeasure"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MetricName>))]
internal enum MetricName
{
    [JsonStringEnumMemberName("wait_p50_us")]
    WaitP50 = ObservedMeasure.WaitP50,

    [JsonStringEnumMemberName("wait_p99_us")]
    WaitP99 = ObservedMeasure.WaitP99,

    [JsonStringEnumMemberName("cpu_pct")]
    Cpu = ObservedMeasure.Cpu,
}
