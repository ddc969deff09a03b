using Coxswain.ConformanceHost.Tools;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost;

/// <summary>Brings the states of two tools past the server's confirmations, which refuse every state that is not theirs.</summary>
internal static class OwnState
{
    private const string Key = "state";

    /// <summary>The state that came with a call; null when none did.</summary>
    public static string? Of(RequestContext<CallToolRequestParams> context) => context.Items.TryGetValue(Key, out var state) ? (string?)state : null;

    /// <summary>The filter, for the protocol library.</summary>
    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Filter(McpRequestHandler<CallToolRequestParams, CallToolResult> next) =>
        (context, cancellationToken) =>
        {
            if (context.Params is { Name: RoundsTools.MultipleInputs or RoundsTools.MultiRound, RequestState: { } state } call)
            {
                context.Items[Key] = state;
                call.RequestState = null;
            }

            return next(context, cancellationToken);
        };
}
