using System.Text.Json.Serialization;
using Coxswain.Core.Guards;

namespace Coxswain.Mcp.Results;

/// <summary>What the daemon's own guard does about a change; the values are those of <see cref="WatchState"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OwnGuardState>))]
internal enum OwnGuardState
{
    [JsonStringEnumMemberName("off")]
    Off = WatchState.Off,

    [JsonStringEnumMemberName("nothing_observed_before")]
    NothingBefore = WatchState.NothingBefore,

    [JsonStringEnumMemberName("watching")]
    Watching = WatchState.Watching,

    [JsonStringEnumMemberName("passed")]
    Passed = WatchState.Passed,
}
