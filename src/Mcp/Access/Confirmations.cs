using System.Text;
using System.Text.Json;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Tools;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Access;

/// <summary>Asks the person behind a client before a change that covers much. Thread-safe.</summary>
/// <remarks>
/// Newer clients answer by calling again with a token. What it stands for, tool, arguments and caller, stays here, so that
/// there is nothing in it to alter; it is good once, for this call alone, and for two minutes. Older clients are
/// asked while the call waits, for as long.
/// </remarks>
internal sealed class Confirmations(TimeProvider time)
{
    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Name of the answer among those of a call.</summary>
    public const string Key = "confirm";

    private const int MaxOpen = 100;
    private const int MaxShownArgument = 120;
    private readonly Lock _gate = new();
    private readonly LinkedList<Question> _open = [];

    /// <summary>Takes the answer that a call brings along.</summary>
    /// <returns>True when it brings one, and that is yes; false when it brings none.</returns>
    /// <exception cref="UnknownStateException">What it brings was not given out for this call.</exception>
    /// <exception cref="ToolRefusedException">The answer is no, or comes too late.</exception>
    public bool Take(string tool, RequestContext<CallToolRequestParams> context)
    {
        if (context.Params?.RequestState is not { } token)
        {
            return false;
        }

        if (Redeem(token) is not { } question ||
            question with { Token = "", ExpiresAt = default } != new Question("", tool, Canonical(context.Params.Arguments), Caller.NameOf(context.Server), default))
        {
            throw new UnknownStateException("the confirmation (requestState) does not belong to this call, or was used before; call again without it to be asked anew");
        }

        if (question.ExpiresAt <= time.GetUtcNow())
        {
            throw new ToolRefusedException($"the confirmation (requestState) is older than {Limit.TotalSeconds:0} s; call again without it to be asked anew");
        }

        var answer = context.Params.InputResponses?.TryGetValue(Key, out var response) is true
            ? response.Deserialize(InputResponse.ElicitResultJsonTypeInfo)
            : null;
        return answer?.IsAccepted is true ? true : throw Declined();
    }

    /// <summary>Asks, if the client can be asked.</summary>
    /// <param name="tool">The tool that was called.</param>
    /// <param name="why">What makes the question necessary.</param>
    /// <param name="context">The call.</param>
    /// <param name="cancellationToken">The call is cancelled.</param>
    /// <returns>True: yes; false: the client cannot be asked.</returns>
    /// <exception cref="InputRequiredException">The client is to ask and to call again.</exception>
    /// <exception cref="ToolRefusedException">The answer is no, or there was none in time.</exception>
    public async Task<bool> AskAsync(string tool, string why, RequestContext<CallToolRequestParams> context, CancellationToken cancellationToken)
    {
        if (!CanAsk(context))
        {
            return false;
        }

        var question = new ElicitRequestParams { Message = Message(tool, why, context.Params?.Arguments), RequestedSchema = new() };
        if (ProtocolVersions.IsStateless(Protocol(context)))
        {
            throw new InputRequiredException(
                new Dictionary<string, InputRequest> { [Key] = InputRequest.ForElicitation(question) },
                Keep(tool, Canonical(context.Params?.Arguments), Caller.NameOf(context.Server)));
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return (await context.Server.ElicitAsync(question, either.Token).ConfigureAwait(false)).IsAccepted ? true : throw Declined();
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ToolRefusedException($"it must be confirmed ({why}), and nobody answered within {Limit.TotalSeconds:0} s; ask the operator before calling again");
        }
    }

    // Over HTTP without sessions only the request itself tells what its client can do.
    private static bool CanAsk(RequestContext<CallToolRequestParams> context) =>
        (context.JsonRpcRequest.Context?.ClientCapabilities ?? context.Server.ClientCapabilities)?.Elicitation is { } elicitation &&
        (elicitation.Form is not null || elicitation.Url is null);

    private static string? Protocol(RequestContext<CallToolRequestParams> context) =>
        context.JsonRpcRequest.Context?.ProtocolVersion ?? context.Server.NegotiatedProtocolVersion;

    private static ToolRefusedException Declined() => new("it must be confirmed, and the operator declined; do not ask for the same again");

    // What the agent passed goes to a person's terminal: cleaned, and cut.
    private static string Message(string tool, string why, IDictionary<string, JsonElement>? arguments)
    {
        var message = new StringBuilder($"{tool}: {why}.");
        foreach (var (name, value) in (arguments ?? new Dictionary<string, JsonElement>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            message.Append(' ').Append(name).Append('=').Append(CommandText.Clean(text, MaxShownArgument));
        }

        return message.Append(". Apply it?").ToString();
    }

    private static string Canonical(IDictionary<string, JsonElement>? arguments) => string.Join(
        '\n', (arguments ?? new Dictionary<string, JsonElement>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value.GetRawText()}"));

    private string Keep(string tool, string arguments, string caller)
    {
        var token = SecretToken.New();
        lock (_gate)
        {
            _open.AddFirst(new Question(token, tool, arguments, caller, time.GetUtcNow() + Limit));
            while (_open.Count > MaxOpen)
            {
                _open.RemoveLast();
            }
        }

        return token;
    }

    // Whatever comes of it, a token is used up.
    private Question? Redeem(string token)
    {
        lock (_gate)
        {
            for (var node = _open.First; node is not null; node = node.Next)
            {
                if (node.Value.Token == token)
                {
                    _open.Remove(node);
                    return node.Value;
                }
            }
        }

        return null;
    }

    private sealed record Question(string Token, string Tool, string Arguments, string Caller, DateTimeOffset ExpiresAt);
}
