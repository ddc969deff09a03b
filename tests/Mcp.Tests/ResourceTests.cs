using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Mcp.Resources;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Resources, what clients are told of them, and completions.</summary>
public sealed class ResourceTests
{
    public static TheoryData<string> Eras => new(ToolRig.Legacy, ToolRig.Modern);

    [Fact]
    public async Task The_resources_are_these()
    {
        await using var rig = await ToolRig.StartAsync();
        var resources = await rig.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            ["coxswain://audit", "coxswain://changes", "coxswain://exit", "coxswain://latency", "coxswain://status", "coxswain://topology"], resources.Select(resource => resource.Uri));
        Assert.All(resources, resource => Assert.True(resource.MimeType == "application/json" && resource.Description!.Length > 40 && resource.Title!.Length > 0));
        var template = Assert.Single(await rig.Client.ListResourceTemplatesAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("coxswain://pods/{namespace}/{name}", template.UriTemplate);
    }

    [Fact]
    public async Task What_tools_tell_is_there_as_a_resource_too()
    {
        await using var rig = await StartAsync();
        await rig.CallAsync("prioritize_pods", new { @class = "high", pods = new[] { "upf-0" }, reason = "pings" });
        Assert.True(JsonElement.DeepEquals(await rig.CallAsync("get_status"), await ReadAsync(rig, "coxswain://status")));
        Assert.True(JsonElement.DeepEquals(await rig.CallAsync("get_topology"), await ReadAsync(rig, "coxswain://topology")));
        Assert.Equal("pings", (await ReadAsync(rig, "coxswain://changes")).GetProperty("changes")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_pod_is_told_with_what_is_in_force_for_it()
    {
        await using var rig = await StartAsync();
        var id = (await rig.CallAsync("prioritize_pods", new { @class = "high", pods = new[] { "upf-0" } })).GetProperty("change_id").GetString();
        var pod = await ReadAsync(rig, "coxswain://pods/free5gc/upf-0");
        Assert.Equal(("upf-0", 2, "upf"), (pod.GetProperty("name").GetString(), pod.GetProperty("threads").GetInt32(), pod.GetProperty("labels").GetProperty("app").GetString()));
        Assert.All(pod.GetProperty("tasks").EnumerateArray(), task => Assert.Equal("high", task.GetProperty("class").GetString()));
        Assert.Equal(id, Assert.Single(pod.GetProperty("change_ids").EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData(ToolRig.Legacy, "coxswain://pods/free5gc/upf-9", -32002, "free5gc/upf-0")]
    [InlineData(ToolRig.Modern, "coxswain://pods/free5gc/upf-9", -32602, "free5gc/upf-0")]
    [InlineData(ToolRig.Modern, "coxswain://pods/free5gc", -32602, "resources/list")]
    [InlineData(ToolRig.Modern, "coxswain://pods/../../etc/passwd", -32602, "resources/list")]
    [InlineData(ToolRig.Modern, "coxswain://pods/a/%2e%2e%2f%1b%5b2J", -32602, "list_pods")]
    [InlineData(ToolRig.Modern, "coxswain://nothing", -32602, "resources/list")]
    [InlineData(ToolRig.Modern, "file:///etc/passwd", -32602, "resources/list")]
    public async Task What_there_is_not_is_told_with_what_there_is(string protocol, string uri, int code, string expected)
    {
        await using var rig = await StartAsync(protocol);
        var exception = await Assert.ThrowsAsync<McpProtocolException>(() => ReadAsync(rig, uri));
        Assert.Equal(code, (int)exception.ErrorCode);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', exception.Message);
    }

    [Fact]
    public async Task The_audit_is_there_without_a_file()
    {
        await using var rig = await StartAsync();
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, reason = "\u001b[31mred" });
        await rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 1 } });
        var audit = await ReadAsync(rig, "coxswain://audit");
        Assert.Equal(["refused", "ok", null], audit.GetProperty("records").EnumerateArray().Select(record => record.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null));
        Assert.Equal(3, audit.GetProperty("total").GetInt64());
        for (var i = 0; i < 200; i++)
        {
            await rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 1 } });
        }

        Assert.Equal(50, (await ReadAsync(rig, "coxswain://audit")).GetProperty("records").GetArrayLength());
    }

    [Fact]
    public async Task The_last_exit_is_told_with_the_kernels_dump()
    {
        await using var rig = await StartAsync();
        Assert.False((await ReadAsync(rig, "coxswain://exit")).TryGetProperty("last_exit", out _));
        rig.Kernel.Eject("runnable task stall", dump: "CPU 0: nr_run=1\n  R \u001b[2Jevil[10]");
        var exit = await ReadAsync(rig, "coxswain://exit");
        Assert.Equal(1026, exit.GetProperty("last_exit").GetProperty("kind").GetInt32());
        Assert.StartsWith("CPU 0: nr_run=1\n", exit.GetProperty("dump").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', exit.GetProperty("dump").GetString()!);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Who_asked_is_told_of_changes_once_a_second(string protocol)
    {
        await using var rig = await StartAsync(protocol);
        var told = new List<string>();
        await using var handler = Collect(rig, told);
        await SubscribeAsync(rig, protocol, ResourceUri.Changes, ResourceUri.OfPod("free5gc", "upf-0"));

        for (var i = 0; i < 5; i++)
        {
            await rig.CallAsync("set_timeslice", new { slice_us = 1000 + i, pods = new[] { "upf-0" } });
        }

        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(rig, told, 2);
        Assert.Equal([ResourceUri.Changes, "coxswain://pods/free5gc/upf-0"], told.Order());

        // Nothing happens, and nobody is told; then a change ends by itself.
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        await rig.CallAsync("get_status");
        Assert.Equal(2, told.Count);
        rig.Time.Advance(TimeSpan.FromSeconds(600));
        await UntilAsync(rig, told, 4);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task The_end_of_the_scheduler_and_a_lost_CPU_are_told(string protocol)
    {
        await using var rig = await StartAsync(protocol);
        var told = new List<string>();
        await using var handler = Collect(rig, told);
        await SubscribeAsync(rig, protocol, ResourceUri.Status, ResourceUri.Exit, ResourceUri.Topology);
        rig.Kernel.Eject("runnable task stall");
        rig.Topology.Offline.Add(3);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(rig, told, 3);
        Assert.Equal([ResourceUri.Exit, ResourceUri.Status, ResourceUri.Topology], told.Order());
    }

    [Fact]
    public async Task Who_no_longer_wants_to_be_told_is_not()
    {
        await using var rig = await StartAsync(ToolRig.Legacy);
        var told = new List<string>();
        await using var handler = Collect(rig, told);
        await SubscribeAsync(rig, ToolRig.Legacy, ResourceUri.Changes, ResourceUri.Audit);
        Assert.Equal(2, rig.Service<Subscriptions>().Count);
        await rig.Client.UnsubscribeFromResourceAsync(ResourceUri.Changes, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(1, rig.Service<Subscriptions>().Count);
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } });
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(rig, told, 1);
        Assert.Equal([ResourceUri.Audit], told);
    }

    [Fact]
    public async Task Of_a_client_that_has_left_nothing_is_kept()
    {
        await using var rig = await StartAsync(ToolRig.Legacy);
        await SubscribeAsync(rig, ToolRig.Legacy, ResourceUri.Changes, ResourceUri.Changes, ResourceUri.Audit);
        var subscriptions = rig.Service<Subscriptions>();
        Assert.Equal(2, subscriptions.Count);
        subscriptions.SessionEnded(Subscriptions.SessionOf(rig.Service<ModelContextProtocol.Server.McpServer>()));
        Assert.Equal(0, subscriptions.Count);
    }

    [Fact]
    public async Task What_there_is_not_cannot_be_subscribed_to()
    {
        await using var rig = await StartAsync(ToolRig.Legacy);
        await Assert.ThrowsAsync<McpProtocolException>(() => SubscribeAsync(rig, ToolRig.Legacy, "coxswain://nothing"));
        Assert.Equal(0, rig.Service<Subscriptions>().Count);
    }

    [Theory]
    [InlineData("namespace", "f", "free5gc")]
    [InlineData("namespace", "", "batch,free5gc")]
    [InlineData("pod", "upf", "upf-0,upf-1")]
    [InlineData("pod", "-1", "job-1,upf-1")]
    [InlineData("class", "l", "latency_critical,low")]
    [InlineData("policy", "d", "deadline")]
    [InlineData("nothing", "", "")]
    public async Task Arguments_of_prompts_are_completed_by_what_there_is(string argument, string typed, string expected)
    {
        await using var rig = await StartAsync();
        var result = await rig.Client.CompleteAsync(new PromptReference { Name = "diagnose_latency" }, argument, typed, cancellationToken: TestContext.Current.CancellationToken);
        Assert.StartsWith(expected, string.Join(',', result.Completion.Values), StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, result.Completion.Values.Count == 0);
    }

    [Fact]
    public async Task Ids_of_changes_and_the_pods_of_an_address_are_completed()
    {
        await using var rig = await StartAsync();
        var id = (await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } })).GetProperty("change_id").GetString()!;
        var ids = await rig.Client.CompleteAsync(new PromptReference { Name = "incident_rollback" }, "change_id", "chg", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([id], ids.Completion.Values);
        var names = await rig.Client.CompleteAsync(new ResourceTemplateReference { Uri = ResourceUri.PodTemplate }, "name", "u", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["upf-0", "upf-1"], names.Completion.Values);
    }

    private static async Task<ToolRig> StartAsync(string? protocol = null)
    {
        var rig = await ToolRig.StartAsync(protocol);
        rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        rig.StartInPod(20, "upf", "free5gc", "upf-1", ("app", "upf"));
        rig.StartInPod(30, "job", "batch", "job-1", ("app", "job"));
        return rig;
    }

    private static async Task<JsonElement> ReadAsync(ToolRig rig, string uri)
    {
        var result = await rig.Client.ReadResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken);
        return JsonElement.Parse(Assert.IsType<TextResourceContents>(Assert.Single(result.Contents)).Text);
    }

    private static IAsyncDisposable Collect(ToolRig rig, List<string> told) => rig.Client.RegisterNotificationHandler(
        NotificationMethods.ResourceUpdatedNotification,
        (notification, _) =>
        {
            lock (told)
            {
                told.Add(notification.Params!["uri"]!.GetValue<string>());
            }

            return default;
        });

    private static async Task SubscribeAsync(ToolRig rig, string protocol, params string[] uris)
    {
        if (protocol == ToolRig.Modern)
        {
            await SwitchTests.ListenAsync(rig, protocol, uris);
            return;
        }

        foreach (var uri in uris)
        {
            await rig.Client.SendRequestAsync(
                new JsonRpcRequest { Method = RequestMethods.ResourcesSubscribe, Params = new JsonObject { ["uri"] = uri } }, TestContext.Current.CancellationToken);
        }
    }

    private static async Task UntilAsync(ToolRig rig, List<string> told, int count)
    {
        for (var i = 0; i < 400; i++)
        {
            lock (told)
            {
                if (told.Count >= count)
                {
                    return;
                }
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"told {told.Count} times instead of {count}: {string.Join(", ", told)} ({rig.Service<Subscriptions>().Count} listen)");
    }
}
