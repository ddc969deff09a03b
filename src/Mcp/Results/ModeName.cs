using System.Text.Json.Serialization;
using Coxswain.Core.Kernel;

namespace Coxswain.Mcp.Results;

/// <summary>The modes that can be asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModeName>))]
internal enum ModeName
{
    [JsonStringEnumMemberName("assist")]
    Assist = (int)AskingMode.Assist,

    [JsonStringEnumMemberName("kernel")]
    Kernel = (int)AskingMode.Kernel,

    [JsonStringEnumMemberName("strict")]
    Strict = (int)AskingMode.Strict,
}
