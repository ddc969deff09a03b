using System.Text.Json;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What the operator switches off is not offered, says why, and cannot be reached in another way.</summary>
public sealed class SwitchTests
{
    private static readonly string[] s_readers = ["dry_run", "explain_task", "get_status", "get_topology", "list_changes", "list_pods", "list_tasks"];

    [Fact]
    public async Task A_read_only_server_offers_what_changes_nothing()
    {
        await using var rig = await StartAsync(new ToolSwitches { ReadOnly = true });
        Assert.All(rig.Tools, tool => Assert.True(tool.Annotations!.ReadOnlyHint));
        Assert.Equal(s_readers, rig.Tools.Select(tool => tool.Name).Intersect(s_readers));
        Assert.True((await rig.CallAsync("get_status")).GetProperty("attached").GetBoolean());
    }

    [Fact]
    public async Task No_tool_gets_around_a_read_only_server()
    {
        await using var rig = await StartAsync(new ToolSwitches { ReadOnly = true });
        var before = rig.Kernel.Snapshot();
        foreach (var tool in rig.Service<ToolRegistry>().Names)
        {
            // As right as can be, so that nothing else refuses them.
            foreach (var arguments in Attempts(tool))
            {
                var result = await rig.CallRawAsync(tool, arguments);
                if (rig.Tools.All(offered => offered.Name != tool))
                {
                    Assert.True(result.IsError);
                    Assert.StartsWith($"{tool}: this server is read-only", Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text, StringComparison.Ordinal);
                }
            }
        }

        Assert.Equal((0, 0, 0), (rig.Kernel.Writes, rig.Kernel.Removals, rig.Kernel.Publications));
        Assert.Equal((before.Mode, before.Policy, before.LeaseNs, before.SliceNs), (rig.Kernel.Snapshot().Mode, rig.Kernel.Snapshot().Policy, rig.Kernel.Snapshot().LeaseNs, rig.Kernel.Snapshot().SliceNs));
        Assert.Empty(rig.Kernel.DefinedSets);
    }

    [Fact]
    public async Task Below_the_tools_a_read_only_server_refuses_too()
    {
        await using var rig = await StartAsync(new ToolSwitches { ReadOnly = true });
        var intents = rig.Service<IntentService>();
        var request = new IntentRequest { Selector = new Selector { Pids = [10] }, Effect = IntentEffect.OfSlice(2000), Author = "a" };
        Assert.All(
            new Action[] { () => intents.Apply(request), () => intents.Revert(["chg_a"]), () => intents.RevertAll(), () => intents.Extend("chg_a", 60) },
            attempt => Assert.Equal(RejectionCause.ReadOnly, Assert.Throws<IntentRejectedException>(attempt).Cause));
        var control = rig.Service<SchedulerControl>();
        Assert.All(
            new Action[]
            {
                () => control.SetMode(AskingMode.Kernel), () => control.SetLease(1), () => control.SetSlice(1), () => control.SetPolicy("fifo"),
                () => control.StartAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult(),
                () => control.StopAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult(),
            },
            attempt => Assert.Contains("read-only", Assert.Throws<ToolRefusedException>(attempt).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_changed_before_still_ends_by_itself()
    {
        var settings = new Settings();
        await using var rig = await ToolRig.StartAsync(settings: () => settings);
        rig.Machine.Start(10, "upf");
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, ttl_seconds = 60 });
        settings = Of(new ToolSwitches { ReadOnly = true });
        Assert.Empty(rig.Service<Reconfiguration>().Reload());
        rig.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Empty(rig.Kernel.Held);
    }

    [Fact]
    public async Task Destructive_tools_can_be_left_out_alone()
    {
        await using var rig = await StartAsync(new ToolSwitches { DisableDestructive = true });
        Assert.DoesNotContain(rig.Tools, tool => tool.Annotations!.DestructiveHint is true);
        Assert.Contains(rig.Tools, tool => tool.Name == "prioritize_tasks");
        Assert.Contains("offers no destructive tool", await rig.RefusalAsync("set_affinity", new { cpus = "0", pids = new[] { 10 } }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sets_of_tools_are_offered_with_exceptions()
    {
        await using var rig = await StartAsync(new ToolSwitches { Toolsets = ["observe"], Enabled = ["revert"], Disabled = ["explain_task"] });
        Assert.Contains(rig.Tools, tool => tool.Name == "revert");
        Assert.Equal(rig.Tools.Count - 1, rig.Tools.Count(tool => tool.Annotations!.ReadOnlyHint is true));
        Assert.Contains("the operator has disabled it", await rig.RefusalAsync("explain_task", new { pid = 10 }), StringComparison.Ordinal);
        Assert.Contains("it belongs to the toolset control, and this server offers observe", await rig.RefusalAsync("extend", new { change_id = "chg_a" }), StringComparison.Ordinal);
        Assert.Contains("it belongs to the toolset admin", await rig.RefusalAsync("stop_scheduler"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_there_is_not_stays_an_error_of_the_protocol()
    {
        await using var rig = await StartAsync(new ToolSwitches { ReadOnly = true });
        var exception = await Assert.ThrowsAsync<McpProtocolException>(() => rig.CallRawAsync("set_everything"));
        Assert.Equal(McpErrorCode.InvalidParams, exception.ErrorCode);
    }

    [Fact]
    public async Task Descriptions_can_be_the_operators()
    {
        await using var rig = await StartAsync(new ToolSwitches { Descriptions = new Dictionary<string, string> { ["revert"] = "Ask the shift lead before." } });
        Assert.Equal("Ask the shift lead before.", rig.Tools.Single(tool => tool.Name == "revert").Description);
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task A_new_configuration_holds_at_once_and_clients_are_told(string protocol)
    {
        var settings = new Settings();
        var told = new SemaphoreSlim(0);
        await using var rig = await ToolRig.StartAsync(protocol, settings: () => settings, client: options => options.Handlers = new McpClientHandlers
        {
            NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, (_, _) => { told.Release(); return default; })],
        });
        await ListenAsync(rig, protocol);
        settings = Of(new ToolSwitches { ReadOnly = true });

        Assert.Empty(rig.Service<Reconfiguration>().Reload());

        Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        var tools = await rig.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(tools, tool => tool.Name == "revert");
        settings = new Settings();
        Assert.Empty(rig.Service<Reconfiguration>().Reload());
        Assert.Contains(await rig.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken), tool => tool.Name == "revert");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_configuration_that_cannot_be_used_changes_nothing(bool unreadable)
    {
        Func<Settings> read = () => new Settings();
        await using var rig = await ToolRig.StartAsync(settings: () => read());
        read = unreadable
            ? () => throw new SettingsException("config.toml, line 3: no")
            : () => Of(new ToolSwitches { ReadOnly = true, Disabled = ["set_afinity"] });

        Assert.Contains(unreadable ? "line 3" : "there is no tool 'set_afinity'", rig.Service<Reconfiguration>().Reload(), StringComparison.Ordinal);

        Assert.False(rig.Service<ToolRegistry>().Switches.ReadOnly);
        Assert.Contains(await rig.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken), tool => tool.Name == "set_affinity");
    }

    [Fact]
    public void The_command_line_takes_away_what_the_file_gives()
    {
        var source = new SettingsSource(() => Of(new ToolSwitches { Toolsets = ["observe", "control"] }), new ToolSwitches { ReadOnly = true, Toolsets = ["control", "admin"] });
        Assert.Equal((true, "control"), (source.Read().Tools.ReadOnly, string.Join(',', source.Read().Tools.Toolsets)));
    }

    internal static async Task ListenAsync(ToolRig rig, string protocol, params string[] uris)
    {
        if (protocol != ToolRig.Modern)
        {
            return;
        }

        var acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = rig.Client.RegisterNotificationHandler(NotificationMethods.SubscriptionsAcknowledgedNotification, (_, _) => { acknowledged.TrySetResult(); return default; });
        _ = rig.Client.SendRequestAsync(
            new JsonRpcRequest
            {
                Method = RequestMethods.SubscriptionsListen,
                Params = JsonSerializer.SerializeToNode(new { notifications = new { toolsListChanged = true, promptsListChanged = true, resourceSubscriptions = uris } }),
            },
            TestContext.Current.CancellationToken);
        await acknowledged.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await handler.DisposeAsync();
    }

    private static Settings Of(ToolSwitches switches) => new() { Tools = switches };

    private static async Task<ToolRig> StartAsync(ToolSwitches switches)
    {
        var rig = await ToolRig.StartAsync(settings: () => Of(switches));
        rig.Machine.Start(10, "upf", "rx");
        rig.StartInPod(20, "smf", "free5gc", "smf-0", ("app", "smf"));
        return rig;
    }

    private static IEnumerable<object> Attempts(string tool)
    {
        yield return new { };
        yield return new { @class = "high", pids = new[] { 10 } };
        yield return new { @class = "high", pids = new[] { 10 }, confirm = true };
        yield return new { slice_us = 2000, pids = new[] { 10 } };
        yield return new { cpus = "0", pids = new[] { 10 } };
        yield return new { @class = "low", @namespace = "free5gc" };
        yield return new { all = true };
        yield return new { change_ids = new[] { "chg_abcde" } };
        yield return new { change_id = "chg_abcde", ttl_seconds = 60 };
        yield return new { mode = "kernel" };
        yield return new { policy = "fifo" };
        yield return new { tool };
    }
}
