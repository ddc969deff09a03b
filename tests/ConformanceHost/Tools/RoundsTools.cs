using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>Tools that give out a state of their own, for more than the server's confirmations know: several questions, and several rounds.</summary>
[McpServerToolType]
internal sealed class RoundsTools
{
    public const string MultipleInputs = "test_input_required_result_multiple_inputs";

    public const string MultiRound = "test_input_required_result_multi_round";

    [McpServerTool(Name = MultipleInputs, ReadOnly = true), Description("Asks user, model and client at once.")]
    public static string AskAll(RequestContext<CallToolRequestParams> context) =>
        OwnState.Of(context) == "asked" &&
        Inputs.TextOf(context.Params, "user_name", "name") is { } name &&
        Inputs.ModelTextOf(context.Params, "greeting") is { } greeting &&
        Inputs.RootsOf(context.Params, "client_roots") is { } roots
            ? $"{name}: {greeting} {roots.Count} roots."
            : throw Inputs.Ask(
                "asked",
                ("user_name", Inputs.Text("What is your name?", "name")),
                ("greeting", Inputs.Model("Generate a greeting", 50)),
                ("client_roots", Inputs.Roots()));

    [McpServerTool(Name = MultiRound, ReadOnly = true), Description("Asks for a name, and then for a colour.")]
    public static string AskTwice(RequestContext<CallToolRequestParams> context) => OwnState.Of(context) switch
    {
        "name" when Inputs.TextOf(context.Params, "step1", "name") is not null =>
            throw Inputs.Ask("colour", ("step2", Inputs.Text("Step 2: What is your favorite color?", "color"))),
        "colour" when Inputs.TextOf(context.Params, "step2", "color") is { } colour => $"The colour is {colour}.",
        _ => throw Inputs.Ask("name", ("step1", Inputs.Text("Step 1: What is your name?", "name"))),
    };
}
