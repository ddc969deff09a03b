using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Prompts;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Prompts from files: facts in them, the operator's own, and what cannot be used.</summary>
public sealed class PromptTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("coxswain-prompts-").FullName;

    public static TheoryData<string> Names => [.. PromptLibrary.BuiltIn.Select(prompt => prompt.Name)];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_prompts_are_these()
    {
        await using var rig = await ToolRig.StartAsync();
        var prompts = await rig.Client.ListPromptsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "calm_noisy_neighbour", "diagnose_latency", "explain_scheduler", "handover_report", "incident_rollback", "low_latency_window",
                "protect_user_plane", "try_and_keep",
            ],
            prompts.Select(prompt => prompt.Name));
        Assert.All(prompts, prompt => Assert.True(prompt.Description!.Length is > 40 and < 200 && prompt.Title!.Length > 0));
        Assert.All(prompts.SelectMany(prompt => prompt.ProtocolPrompt.Arguments ?? []), argument => Assert.NotEmpty(argument.Description!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_prompt_comes_with_the_facts_of_this_moment(string name)
    {
        await using var rig = await StartAsync();
        var prompt = PromptLibrary.BuiltIn.Single(prompt => prompt.Name == name);
        Assert.All(prompt.Facts, call => Assert.Empty(rig.Service<ToolRegistry>().ProblemOfFacts(call)));

        var text = await GetAsync(rig, name, prompt.Parameters.Where(parameter => parameter.Required).ToDictionary(
            parameter => parameter.Name, parameter => (object?)(parameter.Name switch { "namespace" => "free5gc", "pod" => "upf", _ => "smf" })));

        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
        Assert.Equal(prompt.Facts.Count, text.Split("```json").Length - 1);
        Assert.InRange(text.Length, 500, 40_000);
        Assert.Equal(0, rig.Kernel.Writes);
    }

    [Fact]
    public async Task What_was_given_is_in_the_text_and_in_the_calls()
    {
        await using var rig = await StartAsync();
        var text = await GetAsync(rig, "diagnose_latency", new() { ["namespace"] = "free5gc", ["pod"] = "upf\u001b[31m" });
        Assert.Contains("whether pod \"upf", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        text = await GetAsync(rig, "diagnose_latency", new() { ["namespace"] = "free5g", ["pod"] = "upf" });
        Assert.Contains("(list_pods: namespace 'free5g' has no pods on this machine; namespaces here: free5gc.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"namespace\":\"a\"}", "diagnose_latency: missing required argument 'pod' (Name of the pod, or a part of it).")]
    [InlineData("{\"namespace\":\"a\",\"pod\":\"b\",\"pods\":\"c\"}", "unknown argument 'pods' (known: namespace, pod)")]
    public async Task Wrong_arguments_are_told(string arguments, string expected)
    {
        await using var rig = await StartAsync();
        var given = System.Text.Json.JsonElement.Parse(arguments).EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value.GetString());
        var exception = await Assert.ThrowsAsync<McpProtocolException>(() => GetAsync(rig, "diagnose_latency", given));
        Assert.Equal(McpErrorCode.InvalidParams, exception.ErrorCode);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task The_operators_own_go_before_those_built_in_and_clients_are_told(string protocol)
    {
        var told = new SemaphoreSlim(0);
        await using var rig = await ToolRig.StartAsync(
            protocol, settings: () => new Settings { PromptsDirectory = _directory }, client: options => options.Handlers = new McpClientHandlers
            {
                NotificationHandlers = [new(NotificationMethods.PromptListChangedNotification, (_, _) => { told.Release(); return default; })],
            });
        await SwitchTests.ListenAsync(rig, protocol);
        Write("own.md", "handover_report", "Our own report. {{facts get_status}}");
        Write("new.md", "night_shift", "Watch it.");

        Assert.Empty(rig.Service<Reconfiguration>().Reload());

        Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.StartsWith("Our own report. Answer of get_status", await GetAsync(rig, "handover_report", []), StringComparison.Ordinal);
        Assert.Equal("Watch it.\n", await GetAsync(rig, "night_shift", []));

        File.Delete(Path.Combine(_directory, "own.md"));
        Assert.Empty(rig.Service<Reconfiguration>().Reload());
        Assert.StartsWith("Write a report for the next shift.", await GetAsync(rig, "handover_report", []), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_file_keeps_the_old_one_and_is_reported()
    {
        await using var rig = await ToolRig.StartAsync(settings: () => new Settings { PromptsDirectory = _directory });
        var library = rig.Service<PromptLibrary>();
        Write("own.md", "night_shift", "Watch it.");
        library.Load(_directory);
        File.WriteAllText(Path.Combine(_directory, "own.md"), "Half wri");
        library.Load(_directory);

        Assert.Equal("Watch it.\n", await GetAsync(rig, "night_shift", []));
        Assert.Equal("it must begin with front matter between two lines of ---; it stays as it was before", Assert.Single(library.Problems).Value);
        Assert.Contains(rig.Log.Messages, message => message.Contains("own.md cannot be used", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{{facts revert all=true}}", "facts may come from tools that change nothing, and 'revert' is none of them")]
    [InlineData("{{facts start_scheduler}}", "'start_scheduler' is none of them")]
    [InlineData("{{facts get_stats}}", "'get_stats' is none of them")]
    [InlineData("{{facts list_pods names=a}}", "list_pods has no argument 'names'")]
    [InlineData("{{facts list_pods namespace=$space}}", "'$space' is no argument of it")]
    [InlineData("{{facts list_pods namespace}}", "each argument must be name=value")]
    [InlineData("{{pod}}", "'{{pod}}' is neither an argument nor facts TOOL name=value")]
    public async Task What_a_prompt_must_not_do_is_told_when_it_is_read(string body, string expected)
    {
        await using var rig = await ToolRig.StartAsync(settings: () => new Settings { PromptsDirectory = _directory });
        Write("own.md", "night_shift", body);
        rig.Service<PromptLibrary>().Load(_directory);
        Assert.Contains(expected, Assert.Single(rig.Service<PromptLibrary>().Problems).Value, StringComparison.Ordinal);
        Assert.Equal(PromptLibrary.BuiltIn.Count, (await rig.Client.ListPromptsAsync(cancellationToken: TestContext.Current.CancellationToken)).Count);
    }

    [Theory]
    [InlineData("name: Night\ntitle: t\ndescription: d", "name 'Night' must be lower-case")]
    [InlineData("name: night\ndescription: d", "title is missing")]
    [InlineData("name: night\ntitel: t", "line 3: unknown 'titel'; known are name, title, description, arguments")]
    [InlineData("name: night\ntitle: t\ndescription: d\narguments:\n  - nam: x", "line 6: unknown 'nam'")]
    [InlineData("name: night\ntitle: t\ndescription: d\narguments:\n  - name: x", "argument x has no description")]
    [InlineData("nonsense", "line 2: 'nonsense' is not name: value")]
    public void What_is_wrong_in_the_front_matter_is_told(string head, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => PromptText.Parse($"---\n{head}\n---\ntext")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_directory_that_is_not_there_is_reported()
    {
        await using var rig = await ToolRig.StartAsync(settings: () => new Settings { PromptsDirectory = "/nonexistent/prompts" });
        await rig.CallAsync("get_status");
        Assert.Equal("/nonexistent/prompts", Assert.Single(rig.Service<PromptLibrary>().Problems).Key);
    }

    private void Write(string file, string name, string body) =>
        File.WriteAllText(Path.Combine(_directory, file), $"---\nname: {name}\ntitle: Own\ndescription: Of the operator's own\n---\n{body}\n");

    private static async Task<string> GetAsync(ToolRig rig, string name, Dictionary<string, object?> arguments)
    {
        var result = await rig.WhileTimePassesAsync(rig.Client.GetPromptAsync(name, arguments, cancellationToken: TestContext.Current.CancellationToken).AsTask());
        return Assert.IsType<TextContentBlock>(Assert.Single(result.Messages).Content).Text;
    }

    private static async Task<ToolRig> StartAsync()
    {
        var rig = await ToolRig.StartAsync();
        rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        rig.StartInPod(20, "smf", "free5gc", "smf-0", ("app", "smf"));
        return rig;
    }
}
