using System.Text.Json.Serialization;
using Coxswain.Core.Intents.Experiments;

namespace Coxswain.Mcp.Results;

/// <summary>What became of what was tried; the values are those of <see cref="ExperimentOutcome"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OutcomeName>))]
internal enum OutcomeName
{
    [JsonStringEnumMemberName("kept")]
    Kept = ExperimentOutcome.Kept,

    [JsonStringEnumMemberName("reverted")]
    Reverted = ExperimentOutcome.Reverted,

    [JsonStringEnumMemberName("stopped")]
    Stopped = ExperimentOutcome.Stopped,
}
