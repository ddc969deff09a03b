using System.Text.Json.Serialization;
using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Results;

/// <summary>Why a change is no longer active.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EndedBy>))]
internal enum EndedBy
{
    [JsonStringEnumMemberName("expired")]
    Expired = EndCause.Expired,

    [JsonStringEnumMemberName("reverted")]
    Reverted = EndCause.Reverted,

    [JsonStringEnumMemberName("scheduler_ended")]
    SchedulerEnded = EndCause.SchedulerEnded,

    [JsonStringEnumMemberName("processes_ended")]
    ProcessesEnded = EndCause.ProcessesEnded,

    [JsonStringEnumMemberName("pods_ended")]
    PodsEnded = EndCause.PodsEnded,

    [JsonStringEnumMemberName("not_restored")]
    NotRestored = EndCause.NotRestored,
}
