using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Configuration;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Changes that cover much are confirmed by a person, once each, and nothing gets around it.</summary>
public sealed class ConfirmationTests
{
    private static readonly object s_wide = new { @class = "low", command = "^web$", ttl_seconds = 60 };

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task With_a_yes_the_change_is_made(string protocol)
    {
        var asked = new List<string>();
        await using var rig = await StartAsync(protocol, request => { asked.Add(request!.Message); return "accept"; });

        var result = await rig.CallAsync("prioritize_tasks", s_wide);

        Assert.Equal(3, result.GetProperty("applied").GetInt32());
        Assert.Equal("prioritize_tasks: it covers 3 threads, more than 2. class=low command=^web$ ttl_seconds=60. Apply it?", Assert.Single(asked));
    }

    [Theory]
    [InlineData(ToolRig.Legacy, "decline")]
    [InlineData(ToolRig.Modern, "decline")]
    [InlineData(ToolRig.Modern, "cancel")]
    public async Task Without_a_yes_nothing_is_changed(string protocol, string answer)
    {
        await using var rig = await StartAsync(protocol, _ => answer);
        Assert.Equal(
            "prioritize_tasks: it must be confirmed, and the operator declined; do not ask for the same again. Nothing was changed.",
            await rig.RefusalAsync("prioritize_tasks", s_wide));
        Assert.Empty(rig.Kernel.Held);
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task A_client_that_cannot_ask_is_told_how_to_confirm(string protocol)
    {
        await using var rig = await StartAsync(protocol, null);
        Assert.Equal(
            "prioritize_tasks: it covers 3 threads, more than 2. dry_run shows what it covers; ask the operator, then call again with " +
            "confirm=true, or name fewer. Nothing was changed.",
            await rig.RefusalAsync("prioritize_tasks", s_wide));
        Assert.Empty(rig.Kernel.Held);
        Assert.Equal(3, (await rig.CallAsync("prioritize_tasks", new { @class = "low", command = "^web$", ttl_seconds = 60, confirm = true })).GetProperty("applied").GetInt32());
    }

    [Fact]
    public async Task Nobody_is_asked_for_what_is_small_or_takes_back()
    {
        await using var rig = await StartAsync(ToolRig.Modern, _ => throw new InvalidOperationException("asked"));
        await rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 11 } });
        await rig.CallAsync("prioritize_tasks", new { @class = "low", command = "^web$", confirm = true });
        await rig.CallAsync("revert", new { all = true });
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task An_older_client_that_does_not_answer_is_not_waited_for_longer_than_two_minutes()
    {
        var never = new TaskCompletionSource<ElicitResult>();
        await using var rig = await ToolRig.StartAsync(ToolRig.Legacy, settings: Narrow, client: options => options.Handlers = new McpClientHandlers
        {
            ElicitationHandler = (_, _) => new(never.Task),
        });
        StartWeb(rig);
        var call = rig.RefusalAsync("prioritize_tasks", s_wide);
        while (!call.IsCompleted)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(call, Task.Delay(5, TestContext.Current.CancellationToken));
        }

        Assert.Contains("nobody answered within 120 s", await call, StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
        never.SetResult(new ElicitResult { Action = "decline" });
    }

    [Fact]
    public async Task A_confirmation_is_good_once()
    {
        await using var rig = await StartWithoutClientAsync();
        var token = await AskAsync(rig);
        Assert.Contains("\"applied\":3", await AnswerAsync(rig, token, "accept"), StringComparison.Ordinal);
        rig.Service<IntentService>().RevertAll();

        Assert.Contains("was used before", await AnswerAsync(rig, token, "accept"), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task A_declined_confirmation_cannot_be_used_either()
    {
        await using var rig = await StartWithoutClientAsync();
        var token = await AskAsync(rig);
        Assert.Contains("declined", await AnswerAsync(rig, token, "decline"), StringComparison.Ordinal);
        Assert.Contains("was used before", await AnswerAsync(rig, token, "accept"), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    [Theory]
    [InlineData("class", "\"background\"")]
    [InlineData("command", "\".\"")]
    [InlineData("ttl_seconds", "86400")]
    [InlineData("reason", "\"another\"")]
    public async Task A_confirmation_is_good_for_the_same_arguments_only(string argument, string value)
    {
        await using var rig = await StartWithoutClientAsync();
        var token = await AskAsync(rig);
        Assert.Contains("does not belong to this call", await AnswerAsync(rig, token, "accept", arguments => arguments[argument] = JsonNode.Parse(value)), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task A_confirmation_is_good_for_its_client_and_its_tool_only()
    {
        await using var rig = await StartWithoutClientAsync();
        Assert.Contains("does not belong", await AnswerAsync(rig, await AskAsync(rig), "accept", client: "somebody else"), StringComparison.Ordinal);
        Assert.Contains("does not belong", await AnswerAsync(rig, await AskAsync(rig), "accept", tool: "dry_run"), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task A_confirmation_that_was_made_up_or_altered_is_none()
    {
        await using var rig = await StartWithoutClientAsync();
        var token = await AskAsync(rig);
        foreach (var altered in new[] { "", "x", token[..^1] + (token[^1] == '0' ? '1' : '0'), token.ToUpperInvariant() + " ", token + token })
        {
            Assert.Contains("does not belong to this call", await AnswerAsync(rig, altered, "accept"), StringComparison.Ordinal);
        }

        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task A_state_that_was_not_given_out_is_an_error_of_the_protocol_and_in_the_audit()
    {
        await using var rig = await StartWithoutClientAsync();

        var answer = await SendRawAsync(rig, "prioritize_tasks", Arguments(), "made up", "accept", "test-agent");

        const string Refusal =
            "prioritize_tasks: the confirmation (requestState) does not belong to this call, or was used before; call again without it to be asked anew. Nothing was changed.";
        Assert.Equal(-32602, answer["error"]!["code"]!.GetValue<int>());
        Assert.Equal(Refusal, answer["error"]!["message"]!.GetValue<string>());
        Assert.Contains("does not belong to this call", Assert.Single(rig.Service<AuditTrail>().Recent().Records).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_confirmation_comes_too_late_after_two_minutes()
    {
        await using var rig = await StartWithoutClientAsync();
        var token = await AskAsync(rig);
        rig.Time.Advance(TimeSpan.FromSeconds(121));
        Assert.Contains("older than 120 s", await AnswerAsync(rig, token, "accept"), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task Without_the_answer_a_token_confirms_nothing()
    {
        await using var rig = await StartWithoutClientAsync();
        Assert.Contains("declined", await AnswerAsync(rig, await AskAsync(rig), null), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    private static Settings Narrow() => new() { Limits = OperatorLimits.Default with { ConfirmAboveTasks = 2 } };

    private static void StartWeb(ToolRig rig) => rig.Machine.Start(10, "web", "a", "b");

    private static async Task<ToolRig> StartAsync(string protocol, Func<ElicitRequestParams?, string>? answer)
    {
        var rig = await ToolRig.StartAsync(protocol, settings: Narrow, client: options =>
        {
            if (answer is not null)
            {
                options.Handlers = new McpClientHandlers { ElicitationHandler = (request, _) => new(new ElicitResult { Action = answer(request) }) };
            }
        });
        StartWeb(rig);
        return rig;
    }

    private static async Task<ToolRig> StartWithoutClientAsync()
    {
        var rig = await ToolRig.StartWithoutClientAsync(Narrow);
        StartWeb(rig);
        return rig;
    }

    // The client library answers by itself; here the messages are made by hand, as somebody would who wants to get around it.
    private static async Task<string> AskAsync(ToolRig rig)
    {
        var result = await SendAsync(rig, "prioritize_tasks", Arguments(), null, null, "test-agent");
        Assert.Equal("input_required", result["resultType"]!.GetValue<string>());
        Assert.Equal("elicitation/create", result["inputRequests"]!["confirm"]!["method"]!.GetValue<string>());
        return result["requestState"]!.GetValue<string>();
    }

    private static async Task<string> AnswerAsync(
        ToolRig rig, string token, string? action, Action<JsonObject>? change = null, string client = "test-agent", string tool = "prioritize_tasks")
    {
        var arguments = tool == "dry_run" ? new JsonObject { ["class"] = "low", ["command"] = "^web$" } : Arguments();
        change?.Invoke(arguments);
        return (await SendAsync(rig, tool, arguments, token, action, client)).ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonObject Arguments() => new() { ["class"] = "low", ["command"] = "^web$", ["ttl_seconds"] = 60 };

    // The result, or the error of the protocol.
    private static async Task<JsonObject> SendAsync(ToolRig rig, string tool, JsonObject arguments, string? token, string? action, string client)
    {
        var answer = await SendRawAsync(rig, tool, arguments, token, action, client);
        return (answer["result"] ?? answer["error"])!.AsObject();
    }

    private static Task<JsonObject> SendRawAsync(ToolRig rig, string tool, JsonObject arguments, string? token, string? action, string client)
    {
        var parameters = new JsonObject
        {
            ["name"] = tool,
            ["arguments"] = arguments,
            ["_meta"] = new JsonObject
            {
                ["io.modelcontextprotocol/protocolVersion"] = ToolRig.Modern,
                ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = client, ["version"] = "7" },
                ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject { ["elicitation"] = new JsonObject() },
            },
        };
        if (token is not null)
        {
            parameters["requestState"] = token;
        }

        if (action is not null)
        {
            parameters["inputResponses"] = new JsonObject { ["confirm"] = new JsonObject { ["action"] = action } };
        }

        return rig.ExchangeAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = "tools/call", ["params"] = parameters });
    }
}
