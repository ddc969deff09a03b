using System.Text.Json.Serialization;
using Coxswain.Core;

namespace Coxswain.Mcp.Results;

/// <summary>The scheduling classes that can be asked for, most urgent first.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskClass>))]
internal enum TaskClass
{
    [JsonStringEnumMemberName("latency_critical")]
    LatencyCritical = (int)SchedulingClass.LatencyCritical,

    [JsonStringEnumMemberName("high")]
    High = (int)SchedulingClass.High,

    [JsonStringEnumMemberName("normal")]
    Normal = (int)SchedulingClass.Normal,

    [JsonStringEnumMemberName("low")]
    Low = (int)SchedulingClass.Low,

    [JsonStringEnumMemberName("background")]
    Background = (int)SchedulingClass.Background,
}
