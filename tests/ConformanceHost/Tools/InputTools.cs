using System.ComponentModel;
using Coxswain.Core.Intents;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>Tools that ask the client by their result and are called again with the answer, as the protocol has it from 2026-07-28 on.</summary>
[McpServerToolType]
internal sealed class InputTools
{
    [McpServerTool(Name = "test_input_required_result_elicitation", ReadOnly = true), Description("Asks for a name.")]
    public static string Elicitation(RequestContext<CallToolRequestParams> context) =>
        Inputs.TextOf(context.Params, "user_name", "name") is { } name
            ? $"Hello, {name}!"
            : throw Inputs.Ask(null, ("user_name", Inputs.Text("What is your name?", "name")));

    [McpServerTool(Name = "test_input_required_result_sampling", ReadOnly = true), Description("Asks the client's model.")]
    public static string Sampling(RequestContext<CallToolRequestParams> context) =>
        Inputs.ModelTextOf(context.Params, "capital_question") ??
        throw Inputs.Ask(null, ("capital_question", Inputs.Model("What is the capital of France?", 100)));

    [McpServerTool(Name = "test_input_required_result_list_roots", ReadOnly = true), Description("Asks for the client's directories.")]
    public static string Roots(RequestContext<CallToolRequestParams> context) =>
        Inputs.RootsOf(context.Params, "client_roots") is { } roots
            ? $"Roots: {string.Join(", ", roots.Select(root => root.Uri))}"
            : throw Inputs.Ask(null, ("client_roots", Inputs.Roots()));

    // These two use the server's own confirmations: its state is what has to come back, and what must not be altered.
    [McpServerTool(Name = "test_input_required_result_request_state", ReadOnly = true), Description("Has to be confirmed.")]
    public static string RequestState(bool confirm = false) => Confirmed(confirm);

    [McpServerTool(Name = "test_input_required_result_tampered_state", ReadOnly = true), Description("Has to be confirmed, with the state that it gave out.")]
    public static string TamperedState(bool confirm = false) => Confirmed(confirm);

    [McpServerTool(Name = "test_input_required_result_capabilities", ReadOnly = true), Description("Asks what the client says it can answer.")]
    public static string Capabilities(RequestContext<CallToolRequestParams> context)
    {
        if (context.Params?.InputResponses is { Count: > 0 })
        {
            return "The client answered.";
        }

        var capabilities = context.JsonRpcRequest.Context?.ClientCapabilities;
        var questions = new List<(string, InputRequest)>();
        if (capabilities?.Sampling is not null)
        {
            questions.Add(("capital_question", Inputs.Model("What is the capital of France?", 100)));
        }

        if (capabilities?.Elicitation is not null)
        {
            questions.Add(("user_name", Inputs.Text("What is your name?", "name")));
        }

        return questions.Count > 0 ? throw Inputs.Ask(null, questions) : "The client can answer nothing.";
    }

    private static string Confirmed(bool confirm) =>
        confirm ? "state-ok" : throw new IntentRejectedException(RejectionCause.Unconfirmed, "it is there to be confirmed");
}
