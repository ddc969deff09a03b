using System.ComponentModel;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>Tools that ask the client while the call waits, as the protocol has it up to 2025-11-25.</summary>
[McpServerToolType]
internal sealed class AskingTools
{
    private static readonly string[] s_options = ["option1", "option2", "option3"];

    private static readonly EnumSchemaOption[] s_titled =
    [
        new() { Const = "value1", Title = "First" },
        new() { Const = "value2", Title = "Second" },
        new() { Const = "value3", Title = "Third" },
    ];

    [McpServerTool(Name = "test_sampling", ReadOnly = true), Description("Has the client's model answer.")]
    public static async Task<string> SamplingAsync(McpServer server, [Description("What the model is asked.")] string prompt, CancellationToken cancellationToken)
    {
        var answer = await server.SampleAsync(
            new CreateMessageRequestParams
            {
                Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }],
                MaxTokens = 100,
            },
            cancellationToken);
        return $"LLM response: {string.Concat(answer.Content.OfType<TextContentBlock>().Select(block => block.Text))}";
    }

    [McpServerTool(Name = "test_elicitation", ReadOnly = true), Description("Asks for a name and an address.")]
    public static async Task<string> ElicitationAsync(McpServer server, [Description("What is asked.")] string message, CancellationToken cancellationToken) =>
        $"User response: <{await AskAsync(server, message, new()
        {
            ["username"] = new StringSchema { Description = "User's response" },
            ["email"] = new StringSchema { Description = "User's email address" },
        }, ["username", "email"], cancellationToken)}>";

    [McpServerTool(Name = "test_elicitation_sep1034_defaults", ReadOnly = true), Description("Asks for a value of each type, with a default.")]
    public static async Task<string> DefaultsAsync(McpServer server, CancellationToken cancellationToken) =>
        $"Elicitation completed: {await AskAsync(server, "Are these right?", new()
        {
            ["name"] = new StringSchema { Default = "John Doe" },
            ["age"] = new NumberSchema { Type = "integer", Default = 30 },
            ["score"] = new NumberSchema { Default = 95.5 },
            ["status"] = new UntitledSingleSelectEnumSchema { Enum = ["active", "inactive", "pending"], Default = "active" },
            ["verified"] = new BooleanSchema { Default = true },
        }, [], cancellationToken)}";

    [McpServerTool(Name = "test_elicitation_sep1330_enums", ReadOnly = true), Description("Asks for a choice in each form that choices have.")]
    public static async Task<string> EnumsAsync(McpServer server, CancellationToken cancellationToken) =>
        $"Elicitation completed: {await AskAsync(server, "Which ones?", new()
        {
            ["untitledSingle"] = new UntitledSingleSelectEnumSchema { Enum = s_options },
            ["titledSingle"] = new TitledSingleSelectEnumSchema { OneOf = s_titled },
            ["legacyEnum"] = new LegacyTitledEnumSchema { Enum = ["opt1", "opt2", "opt3"], EnumNames = ["Option One", "Option Two", "Option Three"] },
            ["untitledMulti"] = new UntitledMultiSelectEnumSchema { Items = new UntitledEnumItemsSchema { Enum = s_options } },
            ["titledMulti"] = new TitledMultiSelectEnumSchema { Items = new TitledEnumItemsSchema { AnyOf = s_titled } },
        }, [], cancellationToken)}";

    private static async Task<string> AskAsync(
        McpServer server, string message, Dictionary<string, PrimitiveSchemaDefinition> properties, string[] required, CancellationToken cancellationToken)
    {
        var answer = await server.ElicitAsync(
            new ElicitRequestParams { Message = message, RequestedSchema = new RequestSchema { Properties = properties, Required = required } }, cancellationToken);
        return $"action={answer.Action}, content={JsonSerializer.Serialize(answer.Content, McpJsonUtilities.DefaultOptions)}";
    }
}
