using System.Text.Json;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Configuration;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>A document that covers much is confirmed as a whole, before anything of it is applied: in however many entries it is written.</summary>
public sealed class DocumentConfirmationTests
{
    private const string Together = "its 3 entries together cover 6 threads, more than 4";

    // Two threads each, in a pod each.
    private static readonly string[] s_names = ["web", "api", "db"];

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task Many_small_entries_are_confirmed_once_and_together(string protocol)
    {
        var asked = new List<string>();
        await using var rig = await StartAsync(protocol, request => { asked.Add(request!.Message); return "accept"; });

        var result = await rig.CallAsync("apply_strategies", Document(s_names));

        Assert.StartsWith($"apply_strategies: {Together}. confirm=false document=", Assert.Single(asked), StringComparison.Ordinal);
        Assert.Equal((3, 0), (result.GetProperty("applied").GetInt32(), result.GetProperty("refused").GetInt32()));
        Assert.Equal(6, rig.Kernel.Held.Count);
    }

    [Theory]
    [InlineData(ToolRig.Legacy, "decline")]
    [InlineData(ToolRig.Modern, "decline")]
    [InlineData(ToolRig.Modern, "cancel")]
    public async Task Without_a_yes_not_even_the_first_entry_is_applied(string protocol, string answer)
    {
        await using var rig = await StartAsync(protocol, _ => answer);
        Assert.Equal(
            "apply_strategies: it must be confirmed, and the operator declined; do not ask for the same again. Nothing was changed.",
            await rig.RefusalAsync("apply_strategies", Document(s_names)));
        Assert.Equal((0, 0), (rig.Kernel.Held.Count, rig.Kernel.Writes));
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task A_client_that_cannot_ask_is_told_how_to_confirm(string protocol)
    {
        await using var rig = await StartAsync(protocol, null);
        Assert.Equal(
            $"apply_strategies: {Together}. dry_run shows what it covers; ask the operator, then call again with confirm=true, or name fewer. Nothing was changed.",
            await rig.RefusalAsync("apply_strategies", Document(s_names)));
        Assert.Equal((0, 0), (rig.Kernel.Held.Count, rig.Kernel.Writes));

        Assert.Equal(3, (await rig.CallAsync("apply_strategies", Document(s_names, confirm: true))).GetProperty("applied").GetInt32());
    }

    [Fact]
    public async Task One_large_entry_is_confirmed_as_it_is_elsewhere()
    {
        await using var rig = await StartAsync(ToolRig.Modern, null);
        Assert.StartsWith(
            "apply_strategies: it covers 6 threads, more than 4. ", await rig.RefusalAsync("apply_strategies", Document(["web|api|db"])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_count_as_threads_do()
    {
        await using var rig = await StartAsync(ToolRig.Modern, null, OperatorLimits.Default with { ConfirmAbovePods = 2 });
        var document = JsonSerializer.Serialize(new { changes = s_names.Select(name => new { @class = "low", pods = new[] { name + "-0" } }) });
        Assert.StartsWith("apply_strategies: its 3 entries together cover 3 pods, more than 2. ", await rig.RefusalAsync("apply_strategies", new { document }), StringComparison.Ordinal);
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task A_thread_that_is_named_several_times_counts_once_and_what_is_refused_anyway_or_only_renewed_not_at_all()
    {
        await using var rig = await StartAsync(ToolRig.Modern, _ => throw new InvalidOperationException("asked"));
        await rig.CallAsync("apply_strategies", Document(["web", "api", "web|api", "nobody", "sshd", "("]));
        // Of these only the last is new.
        await rig.CallAsync("apply_strategies", Document(["web", "api", "db"]));
        Assert.Equal(6, rig.Kernel.Held.Count);
    }

    [Fact]
    public async Task A_dry_run_says_that_it_would_have_to_be_confirmed_and_asks_nobody()
    {
        await using var rig = await StartAsync(ToolRig.Modern, _ => throw new InvalidOperationException("asked"));
        var result = await rig.CallAsync("apply_strategies", Document(s_names, dryRun: true));
        Assert.Equal(Together, result.GetProperty("needs_confirmation").GetString());
        Assert.Contains("confirm=true", result.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.All(result.GetProperty("entries").EnumerateArray(), entry => Assert.Equal("would_apply", entry.GetProperty("outcome").GetString()));
        Assert.False((await rig.CallAsync("apply_strategies", Document(s_names, dryRun: true, confirm: true))).TryGetProperty("needs_confirmation", out _));
        Assert.Empty(rig.Kernel.Held);
    }

    private static object Document(string[] commands, bool dryRun = false, bool confirm = false) => new
    {
        document = JsonSerializer.Serialize(new { changes = commands.Select(command => new { @class = "low", command = $"^({command})$" }) }),
        dry_run = dryRun,
        confirm,
    };

    private static async Task<ToolRig> StartAsync(string protocol, Func<ElicitRequestParams?, string>? answer, OperatorLimits? limits = null)
    {
        var settings = new Settings { Limits = limits ?? OperatorLimits.Default with { ConfirmAboveTasks = 4 } };
        var rig = await ToolRig.StartAsync(protocol, settings: () => settings, client: options =>
        {
            if (answer is not null)
            {
                options.Handlers = new McpClientHandlers { ElicitationHandler = (request, _) => new(new ElicitResult { Action = answer(request) }) };
            }
        });
        var pid = 10;
        foreach (var name in s_names)
        {
            rig.StartInPod(pid, name, "shop", name + "-0", ("app", name));
            pid += 10;
        }

        rig.Machine.Start(90, "sshd");
        return rig;
    }
}
