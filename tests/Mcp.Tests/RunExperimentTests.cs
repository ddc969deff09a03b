using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.Hosting;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>run_experiment, as an agent uses it.</summary>
public sealed class RunExperimentTests : IAsyncLifetime
{
    private static readonly object s_intent = new { @class = "high", @namespace = "core", ttl_seconds = 300, reason = "slow calls" };
    private ToolRig _rig = null!;
    private double _gain = 0.5;

    public async ValueTask InitializeAsync() => _rig = await StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task What_helps_is_kept_with_its_effect_and_the_cost_to_bystanders()
    {
        var result = await _rig.CallAsync("run_experiment", new { intent = s_intent, keep_if_better_pct = 20 });
        Assert.Equal(("kept", "better", "wait_p99_us"), (Text(result, "outcome"), Text(result, "verdict"), Text(result, "metric")));
        var effect = result.GetProperty("effect");
        Assert.InRange(effect.GetProperty("difference_pct").GetDouble(), -55, -45);
        Assert.InRange(effect.GetProperty("off").GetDouble(), 1900, 2300);
        Assert.InRange(effect.GetProperty("p").GetDouble(), 0, 0.05);
        var (low, high) = (effect.GetProperty("difference_low_pct").GetDouble(), effect.GetProperty("difference_high_pct").GetDouble());
        Assert.True(low <= high && high < 0);
        Assert.Equal("no_clear_difference", Text(result.GetProperty("bystanders_wait_p99_us"), "verdict"));
        var cpu = result.GetProperty("bystanders_cpu_pct");
        Assert.Equal(1.0, cpu.GetProperty("on").GetDouble() / cpu.GetProperty("off").GetDouble(), 0.1);
        Assert.Equal((12, 3), (result.GetProperty("periods").GetInt32(), result.GetProperty("measured_seconds").GetInt32()));
        var change = (await _rig.CallAsync("list_changes")).GetProperty("changes")[0];
        Assert.Equal((Text(result, "change_id"), "slow calls", "test-agent 7"), (Text(change, "change_id"), Text(change, "reason"), Text(change, "by")));
    }

    [Fact]
    public async Task Without_a_rule_it_is_reverted_whatever_it_finds()
    {
        var result = await _rig.CallAsync("run_experiment", new { intent = s_intent, workload = new { command = "^hog$" }, metric = "cpu_pct" });
        Assert.Equal(("reverted", "no_clear_difference"), (Text(result, "outcome"), Text(result, "verdict")));
        Assert.Equal("better", Text(result.GetProperty("named_wait_p99_us"), "verdict"));
        Assert.Empty(_rig.Kernel.Held);
        Assert.All((await _rig.CallAsync("list_changes", new { include_ended = true })).GetProperty("changes").EnumerateArray(), change =>
        {
            Assert.Equal("reverted", Text(change, "ended_by"));
            Assert.Equal("experiment: slow calls", Text(change, "reason"));
        });
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task Its_progress_is_told_each_second(string protocol)
    {
        await using var rig = await StartAsync(protocol);
        var told = new List<ProgressNotificationValue>();
        await rig.WhileTimePassesAsync(rig.Client.CallToolAsync(
            "run_experiment", Arguments(), new Listed(told), cancellationToken: TestContext.Current.CancellationToken).AsTask());
        Assert.InRange(told.Count, 30, 70);
        Assert.All(told, value => Assert.Equal(48, value.Total));
        Assert.Equal(told.Select(value => value.Progress).Order(), told.Select(value => value.Progress));
        Assert.Contains(told, value => value.Message is "period 2 of 12: on" or "period 2 of 12: off");
    }

    // By hand: the SDK's client may give up a call without telling the server.
    [Fact]
    public async Task A_cancelled_call_is_reverted()
    {
        await using var rig = await ToolRig.StartWithoutClientAsync(() => new Configuration.Settings());
        Prepare(rig);
        await rig.ExchangeAsync(Message("""{"id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"by-hand","version":"1"}}}"""));
        await rig.SendAsync(Message("""{"method":"notifications/initialized"}"""));
        await rig.SendAsync(Message("""{"id":2,"method":"tools/call","params":{"name":"run_experiment","arguments":{"intent":{"class":"high","namespace":"core"}}}}"""));
        await UntilTriedAsync(rig);
        await rig.SendAsync(Message("""{"method":"notifications/cancelled","params":{"requestId":2,"reason":"enough"}}"""));
        await UntilEndedAsync(rig);
    }

    [Fact]
    public async Task A_client_that_is_gone_is_as_good_as_one_that_cancels()
    {
        using var gone = new CancellationTokenSource();
        ClientPresence.Gone = gone.Token;
        await using var rig = await StartAsync();
        var call = Call(rig);
        await UntilTriedAsync(rig);
        await gone.CancelAsync();
        await UntilEndedAsync(rig);
        var answer = await call;
        Assert.True(answer.IsError);
        Assert.Contains("the client has left", Assert.IsType<TextContentBlock>(Assert.Single(answer.Content)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stops_reverts_it_before_it_does()
    {
        _ = Call(_rig);
        await UntilTriedAsync(_rig);
        foreach (var service in _rig.Service<IEnumerable<IHostedService>>().OfType<IHostedLifecycleService>())
        {
            await service.StoppingAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(_rig.Kernel.Held);
        Assert.True(_rig.Kernel.Snapshot().Attached);
    }

    [Theory]
    [InlineData("""{"all":true}""")]
    [InlineData("""{"mine":true}""")]
    public async Task Whoever_reverts_everything_ends_it(string arguments)
    {
        var call = Call(_rig);
        await UntilTriedAsync(_rig);
        await _rig.CallAsync("revert", JsonElement.Parse(arguments));
        var result = (await _rig.WhileTimePassesAsync(call)).StructuredContent!.Value;
        Assert.Equal(("stopped", "all changes were reverted"), (Text(result, "outcome"), Text(result, "why")));
        Assert.Empty(SchemaCheck.Problems(_rig.Results["run_experiment"], result));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Theory]
    [InlineData("""{"intent":{"class":"high","namespace":"core","slices":3}}""", "unknown field 'slices', did you mean 'slice_us'?")]
    [InlineData("""{"intent":{"class":"urgent","namespace":"core"}}""", "class=\"urgent\" must be background, low, normal, high or latency_critical")]
    [InlineData("""{"intent":{"class":"high"}}""", "no task is named")]
    [InlineData("""{"intent":{"namespace":"core"}}""", "neither a class nor a slice nor CPUs are given")]
    [InlineData("""{"intent":{"class":"high","namespace":"cor"}}""", "similar: core")]
    [InlineData("""{"intent":{"class":"high","pids":[1]}}""", "protected")]
    [InlineData("""{"intent":{"class":"high","namespace":"core"},"workload":{}}""", "workload only names threads")]
    [InlineData("""{"intent":{"class":"high","namespace":"core"},"workload":{"class":"low","command":"x"}}""", "workload only names threads")]
    [InlineData("""{"intent":{"class":"high","namespace":"core"},"periods":13}""", "periods=13 must be even, 12 to 60")]
    [InlineData("""{"intent":{"class":"high","namespace":"core"},"periods":60,"period_seconds":60}""", "may take 1800 s at most")]
    [InlineData("""{"intent":{"class":"high","namespace":"core"},"period_seconds":2}""", "period_seconds")]
    [InlineData("""{"metric":"cpu_pct"}""", "missing required argument 'intent'")]
    public async Task Wrong_requests_are_refused_with_what_is_right(string arguments, string expected)
    {
        var text = await _rig.RefusalAsync("run_experiment", JsonElement.Parse(arguments));
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
        Assert.Equal(0, _rig.Kernel.Writes);
    }

    [Fact]
    public async Task Two_for_the_same_pods_never_run_at_one_time()
    {
        var call = Call(_rig);
        await UntilTriedAsync(_rig);
        var text = await _rig.RefusalAsync("run_experiment", new { intent = new { slice_us = 2000, command = "^upf$" } });
        Assert.Contains("an experiment of \"test-agent 7\" goes on with some of the same threads", text, StringComparison.Ordinal);
        await _rig.CallAsync("revert", new { all = true });
        await _rig.WhileTimePassesAsync(call);
    }

    [Fact]
    public async Task While_it_goes_on_the_status_tells_what_is_tried_on_whom_and_how_far_it_is()
    {
        Assert.False((await _rig.CallAsync("get_status")).TryGetProperty("experiments", out _));
        var versions = _rig.Service<Resources.ResourceVersions>();
        var before = versions.Of(Resources.ResourceUri.Status);
        var call = Call(_rig);
        await UntilTriedAsync(_rig);

        var status = await _rig.CallAsync("get_status");

        var running = Assert.Single(status.GetProperty("experiments").EnumerateArray());
        Assert.Matches("^exp_[a-z2-9]{5}$", Text(running, "experiment_id"));
        Assert.Equal(
            ("high", "namespace core", "wait_p99_us", "test-agent 7", "slow calls"),
            (Text(running, "class"), Text(running, "selector"), Text(running, "metric"), Text(running, "by"), Text(running, "reason")));
        Assert.Equal((12, 48), (running.GetProperty("periods").GetInt32(), running.GetProperty("total_seconds").GetInt32()));
        Assert.InRange(running.GetProperty("period").GetInt32(), 1, 3);
        Assert.InRange(running.GetProperty("elapsed_seconds").GetInt32(), 0, 12);
        Assert.Equal(Text((await _rig.CallAsync("list_changes")).GetProperty("changes")[0], "change_id"), Text(running, "change_id"));
        Assert.Contains("An experiment goes on", Text(status, "hint"), StringComparison.Ordinal);
        // The resource is the same, and whoever has subscribed to it is told.
        var resource = Assert.IsType<TextResourceContents>(Assert.Single(
            (await _rig.Client.ReadResourceAsync(Resources.ResourceUri.Status, cancellationToken: TestContext.Current.CancellationToken)).Contents));
        Assert.Contains(Text(running, "experiment_id"), resource.Text, StringComparison.Ordinal);
        Assert.NotEqual(before, versions.Of(Resources.ResourceUri.Status));

        using var output = new StringWriter();
        Commands.Remote.StatusCommand.Print(status, output);
        Assert.Contains($"experiment {Text(running, "experiment_id")} by test-agent 7: high for namespace core, period ", output.ToString(), StringComparison.Ordinal);

        await _rig.CallAsync("revert", new { all = true });
        await _rig.WhileTimePassesAsync(call);
        Assert.False((await _rig.CallAsync("get_status")).TryGetProperty("experiments", out _));
        Assert.Equal(before, versions.Of(Resources.ResourceUri.Status));
    }

    [Fact]
    public async Task A_machine_that_cannot_be_observed_is_a_refusal_with_the_reason()
    {
        _rig.Observed.Refusal = new ObserverUnavailableException("The kernel refused to load the observer: not permitted");
        Assert.Contains("not permitted", await _rig.RefusalAsync("run_experiment", new { intent = s_intent }), StringComparison.Ordinal);
        Assert.Equal((0, 0), (_rig.Kernel.Writes, _rig.Service<ExperimentService>().RunningCount));
    }

    [Fact]
    public async Task A_large_one_is_confirmed_before_it_begins()
    {
        await using var rig = await StartAsync(limits: OperatorLimits.Default with { ConfirmAboveTasks = 1 });
        Assert.Contains("confirm=true", await rig.RefusalAsync("run_experiment", new { intent = s_intent }), StringComparison.Ordinal);
        Assert.Equal(0, rig.Kernel.Writes);
        Assert.Equal("reverted", Text(await rig.CallAsync("run_experiment", new { intent = s_intent, confirm = true }), "outcome"));
    }

    [Fact]
    public async Task A_read_only_server_does_not_offer_it()
    {
        await using var rig = await ToolRig.StartAsync(settings: () => new Configuration.Settings { Tools = new Access.ToolSwitches { ReadOnly = true } });
        Assert.DoesNotContain(rig.Tools, tool => tool.Name == "run_experiment");
        Assert.Contains("read-only", await rig.RefusalAsync("run_experiment", new { intent = s_intent }), StringComparison.Ordinal);
    }

    private async Task<ToolRig> StartAsync(string? protocol = null, OperatorLimits? limits = null)
    {
        var rig = await ToolRig.StartAsync(protocol, settings: () => new Configuration.Settings { Limits = limits ?? OperatorLimits.Default });
        Prepare(rig);
        return rig;
    }

    private void Prepare(ToolRig rig)
    {
        rig.StartInPod(10, "upf", "core", "upf-0");
        rig.Machine.Start(20, "hog");
        rig.Observed.Add(10, "upf", cgroup: 5);
        rig.Observed.Add(20, "hog", cgroup: 6);
        rig.Step = TimeSpan.FromMilliseconds(250);
        var step = 0;
        rig.WhileWaiting = () =>
        {
            // Not every second is like the other.
            var wait = 2_000_000 * (rig.Kernel.Of(10) is { Class: SchedulingClass.High } ? 1 - _gain : 1);
            rig.Observed.Wait(10, (long)(wait * (1 + 0.02 * (step++ % 4))), times: 10);
            rig.Observed.Wait(20, 50_000, times: 10);
        };
    }

    private static JsonObject Message(string json)
    {
        var message = JsonNode.Parse(json)!.AsObject();
        message["jsonrpc"] = "2.0";
        return message;
    }

    private static Dictionary<string, object?> Arguments() => new() { ["intent"] = JsonSerializer.SerializeToElement(s_intent) };

    private static Task<CallToolResult> Call(ToolRig rig) =>
        rig.Client.CallToolAsync("run_experiment", Arguments(), cancellationToken: TestContext.Current.CancellationToken).AsTask();

    private static Task<bool> UntilTriedAsync(ToolRig rig) => rig.WhileTimePassesAsync(UntilAsync(() => rig.Kernel.Held.Count > 0));

    // No time passes: it is not the lifetime that ends it.
    private static async Task UntilEndedAsync(ToolRig rig)
    {
        await UntilAsync(() => rig.Kernel.Held.Count == 0 && rig.Service<ExperimentService>().RunningCount == 0);
        Assert.Empty(rig.Kernel.Held);
        Assert.Equal(0, rig.Service<Core.Intents.IntentService>().ActiveCount);
    }

    private static async Task<bool> UntilAsync(Func<bool> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromMinutes(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        return true;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private sealed class Listed(List<ProgressNotificationValue> into) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => into.Add(value);
    }
}
