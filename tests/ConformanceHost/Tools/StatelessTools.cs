using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>Tools that need something of a client that has no session.</summary>
[McpServerToolType]
internal sealed class StatelessTools
{
    [McpServerTool(Name = "test_missing_capability", ReadOnly = true), Description("Needs a client that can have its model answer.")]
    public static string MissingCapability(RequestContext<CallToolRequestParams> context) =>
        context.JsonRpcRequest.Context?.ClientCapabilities?.Sampling is not null
            ? "The client can."
            : throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() });

    [McpServerTool(Name = "test_streaming_elicitation", ReadOnly = true), Description("Asks for a name: by its result, as the answer's stream takes no requests.")]
    public static string StreamingElicitation(RequestContext<CallToolRequestParams> context) => InputTools.Elicitation(context);
}
