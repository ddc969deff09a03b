using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Prompts;

/// <summary>A prompt that asks the client before there is one.</summary>
[McpServerPromptType]
internal sealed class InputPrompts
{
    [McpServerPrompt(Name = "test_input_required_result_prompt"), Description("Asks what it is to be about.")]
    public static string Ask(RequestContext<GetPromptRequestParams> context) =>
        Inputs.TextOf(context.Params, "user_context", "context") is { } about
            ? $"The context is: {about}"
            : throw Inputs.Ask(null, ("user_context", Inputs.Text("What context should the prompt use?", "context")));
}
