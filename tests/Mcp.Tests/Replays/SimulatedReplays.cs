using System.Text.Json;
using Coxswain.Core;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>
/// What operators ask for, as a script of calls that an agent would make, on the made-up machine of --simulate. Checked are what its simulated kernel
/// has for each task at the end, the number of calls, and how much a model has to read for it.
/// </summary>
public abstract class SimulatedReplays(string protocol) : IAsyncLifetime
{
    private readonly ReplayCost _cost = new();
    private SimulatedRig _rig = null!;
    private McpClient _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await SimulatedRig.StartAsync();
        _agent = await _rig.ConnectAsync(protocol, "test-agent");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task What_is_eating_the_CPU_on_this_node_right_now()
    {
        var pods = await AskAsync("list_pods", new { sort_by = "cpu", limit = 5 });
        Assert.Equal("batch/train-0", $"{Text(pods.GetProperty("pods")[0], "namespace")}/{Text(pods.GetProperty("pods")[0], "name")}");
        var tasks = await AskAsync("list_tasks", new { @namespace = "batch", pod = "train-0", limit = 5 });
        Assert.Equal(("python3", 16), (Text(tasks.GetProperty("tasks")[0], "process_command"), tasks.GetProperty("total").GetInt32()));
        AssertAsBefore();
        _cost.AssertAtMost(calls: 3, bytes: 2_600);
    }

    [Fact]
    public async Task Pod_smf_in_free5gc_feels_slow_is_it_waiting_for_CPU()
    {
        await AskAsync("list_pods", new { @namespace = "free5gc", name = "smf" });
        var pod = (await AskAsync("get_metrics", new { scope = "pod", name = "free5gc/smf-0" })).GetProperty("wait_us").GetProperty("p99").GetDouble();
        var node = (await AskAsync("get_metrics")).GetProperty("wait_us").GetProperty("p99").GetDouble();
        // It runs for 0.3 ms each 40 ms, and the batch work, which never sleeps, waits for its next slice.
        Assert.InRange(pod, 1, node);
        AssertAsBefore();
        _cost.AssertAtMost(calls: 5, bytes: 3_100);
    }

    [Fact]
    public async Task Which_overrides_are_active_who_set_them_and_when_do_they_end()
    {
        var other = await _rig.ConnectAsync(protocol, "other-agent");
        await DoAsync(_agent, "prioritize_pods", new { @class = "high", pods = new[] { "upf-0" }, ttl_seconds = 100 });
        await DoAsync(other, "set_timeslice", new { slice_us = 2000, pods = new[] { "smf-0" }, ttl_seconds = 200 });
        await DoAsync(_agent, "set_affinity", new { cpus = "4-7", pods = new[] { "redis-0" }, ttl_seconds = 300 });
        var changes = (await AskAsync("list_changes")).GetProperty("changes").EnumerateArray().ToList();
        Assert.Equal([300, 200, 100], changes.Select(change => change.GetProperty("expires_in_seconds").GetInt32()));
        Assert.Equal(["test-agent 7", "other-agent 7", "test-agent 7"], changes.Select(change => Text(change, "by")));
        _cost.AssertAtMost(calls: 2, bytes: 800);
    }

    [Fact]
    public async Task Make_the_UPF_pods_low_latency_for_the_next_10_minutes_then_put_everything_back()
    {
        await AskAsync("list_pods", new { @namespace = "free5gc" });
        await AskAsync("dry_run", new { @class = "latency_critical", @namespace = "free5gc", label_selector = "app=upf" });
        await AskAsync("prioritize_pods", new { @class = "latency_critical", @namespace = "free5gc", label_selector = "app=upf", ttl_seconds = 600, reason = "low latency for 10 minutes" });
        AssertDirected(SchedulingClass.LatencyCritical, "free5gc/upf-0", "free5gc/upf-1");
        _cost.AssertAtMost(calls: 5, bytes: 3_700);
        _rig.Pass(TimeSpan.FromSeconds(599));
        AssertDirected(SchedulingClass.LatencyCritical, "free5gc/upf-0", "free5gc/upf-1");
        _rig.Pass(TimeSpan.FromSeconds(2));
        AssertAsBefore();
    }

    [Fact]
    public async Task Throttle_everything_in_batch_for_half_an_hour()
    {
        await AskAsync("prioritize_pods", new { @class = "background", @namespace = "batch", ttl_seconds = 1800, reason = "demo" });
        AssertDirected(SchedulingClass.Background, "batch/encoder-0", "batch/train-0", "batch/etl-0", "batch/builds-0");
        Assert.Equal(1800, (await AskAsync("list_changes")).GetProperty("changes")[0].GetProperty("expires_in_seconds").GetInt32());
        _rig.Pass(TimeSpan.FromSeconds(1801));
        AssertAsBefore();
        _cost.AssertAtMost(calls: 5, bytes: 1_200);
    }

    [Fact]
    public async Task Pin_redis_0_to_CPUs_4_to_7_for_an_hour()
    {
        await AskAsync("list_pods", new { name = "redis" });
        await AskAsync("dry_run", new { cpus = "4-7", @namespace = "data", pods = new[] { "redis-0" }, ttl_seconds = 3600 });
        AssertAsBefore();
        await AskAsync("set_affinity", new { cpus = "4-7", @namespace = "data", pods = new[] { "redis-0" }, ttl_seconds = 3600 });
        Assert.Equal(_rig.ThreadsOf("data/redis-0"), _rig.Directed.Keys.Order());
        Assert.All(_rig.Directed.Values, directive => Assert.Equal([4, 5, 6, 7], _rig.CpusOf(directive)));
        Assert.Equal(3600, (await AskAsync("list_changes")).GetProperty("changes")[0].GetProperty("expires_in_seconds").GetInt32());
        for (var i = 0; i < 20; i++)
        {
            _rig.Pass(TimeSpan.FromMilliseconds(250));
            Assert.All(_rig.ThreadsOf("data/redis-0"), pid => Assert.True(i < 2 || _rig.Node.Find(pid)!.Cpu is >= 4 and <= 7, $"after {i} steps thread {pid} is on CPU {_rig.Node.Find(pid)!.Cpu}"));
        }

        _cost.AssertAtMost(calls: 5, bytes: 2_800);
    }

    [Fact]
    public async Task Slices_of_20_ms_for_the_encoder_and_2_ms_for_the_web_front_end()
    {
        await AskAsync("list_pods");
        await AskAsync("set_timeslice", new { slice_us = 20_000, pods = new[] { "encoder-0" } });
        await AskAsync("set_timeslice", new { slice_us = 2_000, @namespace = "web", label_selector = "app=frontend" });
        AssertSlices(20_000, _rig.ThreadsOf("batch/encoder-0"));
        AssertSlices(2_000, _rig.ThreadsOf("web/frontend-0", "web/frontend-1"));
        Assert.Equal(_rig.ThreadsOf("batch/encoder-0", "web/frontend-0", "web/frontend-1"), _rig.Directed.Keys.Order());
        _cost.AssertAtMost(calls: 6, bytes: 7_400);
    }

    [Fact]
    public async Task What_would_happen_if_I_prioritised_all_pods_with_app_api()
    {
        var plan = await AskAsync("dry_run", new { @class = "high", label_selector = "app=api" });
        Assert.Equal((3, 18), (plan.GetProperty("pods_total").GetInt32(), plan.GetProperty("threads").GetInt32()));
        Assert.Empty(plan.GetProperty("conflicts").EnumerateArray());
        AssertAsBefore();
        _cost.AssertAtMost(calls: 3, bytes: 2_600);
    }

    [Fact]
    public async Task Undo_the_last_thing_you_did()
    {
        var other = await _rig.ConnectAsync(protocol, "other-agent");
        await DoAsync(_agent, "prioritize_pods", new { @class = "high", pods = new[] { "upf-0" } });
        await DoAsync(_agent, "prioritize_pods", new { @class = "low", pods = new[] { "encoder-0" } });
        await DoAsync(other, "prioritize_pods", new { @class = "background", pods = new[] { "etl-0" } });
        var newest = (await AskAsync("list_changes", new { client = "test-agent", limit = 1 })).GetProperty("changes")[0];
        Assert.Equal("test-agent 7", Text(newest, "by"));
        await AskAsync("revert", new { change_ids = new[] { Text(newest, "change_id") } });
        AssertClass(SchedulingClass.High, _rig.ThreadsOf("free5gc/upf-0"));
        AssertClass(SchedulingClass.Background, _rig.ThreadsOf("batch/etl-0"));
        Assert.Equal(_rig.ThreadsOf("free5gc/upf-0", "batch/etl-0"), _rig.Directed.Keys.Order());
        _cost.AssertAtMost(calls: 3, bytes: 800);
    }

    [Fact]
    public async Task Panic_undo_everything_now()
    {
        var other = await _rig.ConnectAsync(protocol, "other-agent");
        await DoAsync(other, "prioritize_pods", new { @class = "high", pods = new[] { "upf-0" } });
        await DoAsync(_agent, "set_affinity", new { cpus = "4-7", pods = new[] { "redis-0" } });
        var result = await AskAsync("revert", new { all = true });
        Assert.Equal((2, 0, true), (result.GetProperty("reverted").GetInt32(), result.GetProperty("remaining_active").GetInt32(), result.GetProperty("gone_from_kernel").GetBoolean()));
        AssertAsBefore();
        _cost.AssertAtMost(calls: 2, bytes: 500);
    }

    [Fact]
    public async Task Try_2_ms_slices_for_smf_and_keep_them_only_if_p99_wait_gets_20_percent_better()
    {
        var result = await AskAsync("run_experiment", new
        {
            intent = new { slice_us = 2000, @namespace = "free5gc", pods = new[] { "smf-0" }, reason = "shorter slices" },
            metric = "wait_p99_us",
            keep_if_better_pct = 20,
        });
        // It never runs for 2 ms at a time: its own slice changes nothing for it.
        Assert.Equal("reverted", Text(result, "outcome"));
        AssertAsBefore();
        _cost.AssertAtMost(calls: 8, bytes: 1_000);
    }

    [Fact]
    public async Task Give_every_pod_on_this_node_top_priority()
    {
        var text = await AskInVainAsync("dry_run", new { @class = "latency_critical", label_selector = "!nothing" });
        Assert.Contains("at most 75 % can be (limit max_upper_share_pct)", text, StringComparison.Ordinal);
        Assert.Equal(text["dry_run".Length..], (await AskInVainAsync("prioritize_pods", new { @class = "latency_critical", label_selector = "!nothing" }))["prioritize_pods".Length..]);
        AssertAsBefore();
        _cost.AssertAtMost(calls: 4, bytes: 800);
    }

    [Fact]
    public async Task Stop_kubelet_and_sshd_from_using_CPU()
    {
        var text = await AskInVainAsync("prioritize_tasks", new { @class = "background", command = "^(kubelet|sshd)$" });
        Assert.Contains("protected", text, StringComparison.Ordinal);
        await AskInVainAsync("set_affinity", new { cpus = "31", pids = new[] { 544 } });
        AssertAsBefore();
        _cost.AssertAtMost(calls: 4, bytes: 700);
    }

    [Fact]
    public async Task Pin_nginx_to_CPUs_that_are_not_there()
    {
        var text = await AskInVainAsync("set_affinity", new { cpus = "64-71", command = "^nginx$" });
        Assert.Contains("this machine has CPUs 0-31", text, StringComparison.Ordinal);
        AssertAsBefore();
        _cost.AssertAtMost(calls: 4, bytes: 200);
    }

    [Fact]
    public async Task A_namespace_typed_wrong_succeeds_at_the_second_try()
    {
        var text = await AskInVainAsync("prioritize_pods", new { @class = "high", @namespace = "free5g" });
        var meant = text.Split("similar: ")[1].Split('.')[0];
        await AskAsync("prioritize_pods", new { @class = "high", @namespace = meant });
        AssertDirected(SchedulingClass.High, [.. _rig.Node.Pods.Read().Pods.Where(pod => pod.Namespace == "free5gc").Select(pod => pod.Title)]);
        _cost.AssertAtMost(calls: 4, bytes: 1_600);
    }

    [Fact]
    public async Task Uplink_pings_through_the_UE_are_slow_which_processes_are_in_the_path_prioritise_them()
    {
        var found = await AskAsync("find_dependencies", new { scope = "command", name = "^nr-ue$" });
        var path = found.GetProperty("include_pids").EnumerateArray().Select(pid => pid.GetInt32()).ToList();
        await AskAsync("prioritize_tasks", new { @class = "latency_critical", pids = path, reason = "path of the uplink pings" });
        AssertDirected(SchedulingClass.LatencyCritical, "ueransim/ue-0", "ueransim/ue-1", "ueransim/gnb-0", "free5gc/upf-0", "free5gc/upf-1", "free5gc/dn-0");
        _cost.AssertAtMost(calls: 8, bytes: 3_400);
    }

    private async Task<JsonElement> AskAsync(string tool, object? arguments = null)
    {
        var result = await DoAsync(_agent, tool, arguments);
        _cost.Count(result.GetRawText());
        return result;
    }

    private async Task<JsonElement> DoAsync(McpClient client, string tool, object? arguments)
    {
        var result = await _rig.CallAsync(client, tool, arguments);
        Assert.False(result.IsError is true, Said(result));
        var structured = Assert.NotNull(result.StructuredContent);
        Assert.True(structured.GetProperty("simulated").GetBoolean());
        return structured;
    }

    private async Task<string> AskInVainAsync(string tool, object? arguments)
    {
        var result = await _rig.CallAsync(_agent, tool, arguments);
        Assert.True(result.IsError is true, Said(result));
        _cost.Count(Said(result));
        Assert.EndsWith("Nothing was changed.", Said(result), StringComparison.Ordinal);
        return Said(result);
    }

    private static string Said(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;

    private void AssertDirected(SchedulingClass expected, params string[] pods)
    {
        AssertClass(expected, _rig.ThreadsOf(pods));
        Assert.Equal(_rig.ThreadsOf(pods), _rig.Directed.Keys.Order());
    }

    private void AssertClass(SchedulingClass expected, IReadOnlyList<int> pids)
    {
        Assert.NotEmpty(pids);
        Assert.All(pids, pid => Assert.Equal(expected, _rig.Directed[pid].Class));
    }

    private void AssertSlices(int expectedUs, IReadOnlyList<int> pids) =>
        Assert.All(pids, pid => Assert.Equal(((ulong)expectedUs * 1000, SchedulingClass.Unset), (_rig.Directed[pid].SliceNs, _rig.Directed[pid].Class)));

    private void AssertAsBefore() => Assert.Empty(_rig.Directed);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
