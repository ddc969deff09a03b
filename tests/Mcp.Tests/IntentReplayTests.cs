using System.Text.Json;
using Coxswain.Core;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>
/// What operators ask for, as a script of calls that an agent would make. Checked are the state of the kernel at the end, the number of calls,
/// and how much a model has to read for it.
/// </summary>
public sealed class IntentReplayTests : IAsyncLifetime
{
    private const int MostBytes = 12_000;
    private ToolRig _rig = null!;
    private int _calls;
    private int _bytes;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(100, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(110, "upf", "free5gc", "upf-1", ("app", "upf"));
        _rig.StartInPod(120, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.StartInPod(130, "amf", "free5gc", "amf-0", ("app", "amf"));
        _rig.StartInPod(200, "render", "batch", "render-1", ("job", "render"));
        _rig.StartInPod(210, "encoder", "batch", "encode-1", ("app", "encoder"));
        _rig.StartInPod(300, "redis-server", "shop", "redis-0", ("app", "redis"));
        _rig.StartInPod(310, "nginx", "shop", "web-0", ("app", "web"));
        _rig.StartInPod(320, "api", "shop", "api-0", ("app", "api"));
        _rig.Machine.Start(400, "kubelet");
        _rig.Machine.Start(410, "sshd");
        _rig.Machine.Start(420, "nginx", "worker");
        _rig.Machine.Load(200, 1);
        _rig.Machine.Load(201, 0.9);
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task What_is_eating_the_CPU_on_this_node_right_now()
    {
        var pods = await AskAsync("list_pods", new { sort_by = "cpu", limit = 5 });
        Assert.Equal(("batch", "render-1"), (Text(pods.GetProperty("pods")[0], "namespace"), Text(pods.GetProperty("pods")[0], "name")));
        var tasks = await AskAsync("list_tasks", new { limit = 5 });
        Assert.Equal((200, "render"), (tasks.GetProperty("tasks")[0].GetProperty("pid").GetInt32(), Text(tasks.GetProperty("tasks")[0], "command")));
        AssertCost(3, changes: 0);
    }

    [Fact]
    public async Task Is_the_custom_scheduler_running_or_did_we_fall_back_to_the_default()
    {
        var status = await AskAsync("get_status");
        Assert.True(status.GetProperty("attached").GetBoolean());
        Assert.Equal("2026-09-01T12:00:00Z", Text(status, "attached_since"));
        _rig.Kernel.Eject("runnable task stall");
        status = await AskAsync("get_status");
        Assert.Equal((false, "runnable task stall"), (status.GetProperty("attached").GetBoolean(), Text(status, "reason")));
        AssertCost(2, changes: 0);
    }

    [Fact]
    public async Task Pod_smf_in_free5gc_feels_slow_is_it_waiting_for_CPU()
    {
        Observe(smfWaitNs: () => 9_000_000);
        await AskAsync("list_pods", new { @namespace = "free5gc", name = "smf" });
        var pod = await AskAsync("get_metrics", new { scope = "pod", name = "free5gc/smf-0" });
        var node = await AskAsync("get_metrics");
        Assert.InRange(pod.GetProperty("wait_us").GetProperty("p99").GetDouble(), 8500, 9500);
        Assert.InRange(node.GetProperty("wait_us").GetProperty("p50").GetDouble(), 45, 55);
        Assert.Equal("batch/render-1", Text(pod.GetProperty("delayers")[0], "workload"));
        AssertAsBefore();
        AssertCost(5, changes: 0);
    }

    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(1_900_000, false)]
    [InlineData(4_000_000, false)]
    public async Task Try_2_ms_slices_for_smf_and_keep_them_only_if_p99_wait_gets_20_percent_better(long waitWithNs, bool kept)
    {
        Observe(smfWaitNs: () => _rig.Kernel.Of(120) is { SliceNs: 2_000_000 } ? waitWithNs : 2_000_000);
        var result = await AskAsync("run_experiment", new
        {
            intent = new { slice_us = 2000, @namespace = "free5gc", pods = new[] { "smf-0" }, reason = "shorter slices" },
            metric = "wait_p99_us",
            keep_if_better_pct = 20,
        });
        Assert.Equal(kept ? "kept" : "reverted", Text(result, "outcome"));
        if (kept)
        {
            Assert.Equal([120, 121], _rig.Kernel.Held.Keys.Select(key => key.Tid).Order());
            Assert.All(_rig.Kernel.Held.Values, directive => Assert.Equal(2_000_000ul, directive.SliceNs));
        }
        else
        {
            AssertAsBefore();
        }

        AssertCost(8, changes: kept ? 1 : 0);
    }

    [Fact]
    public async Task Uplink_pings_through_the_UE_are_slow_which_processes_are_in_the_path_prioritise_them()
    {
        _rig.StartInPod(500, "nr-ue", "ueransim", "ue-0");
        _rig.StartInPod(510, "nr-gnb", "ueransim", "gnb-0");
        _rig.Observed.Add(500, "nr-ue");
        _rig.Observed.Add(510, "nr-gnb");
        Observe(smfWaitNs: () => 100_000);
        _rig.WhileWaiting += () =>
        {
            foreach (var (from, to) in ((int, int)[])[(500, 510), (510, 100), (100, 510), (510, 500)])
            {
                _rig.Observed.Wake(from, to, 100, 50_000_000);
            }

            _rig.Observed.Wake(200, 120, 3);
        };
        var found = await AskAsync("find_dependencies", new { scope = "command", name = "^nr-ue$" });
        var path = found.GetProperty("include_pids").EnumerateArray().Select(pid => pid.GetInt32()).ToList();
        await AskAsync("prioritize_tasks", new { @class = "latency_critical", pids = path, reason = "path of the uplink pings" });
        AssertDirected(SchedulingClass.LatencyCritical, 100, 101, 500, 501, 510, 511);
        AssertCost(8, changes: 1);
    }

    [Fact]
    public async Task Which_overrides_are_active_who_set_them_and_when_do_they_end()
    {
        await _rig.CallAsync("prioritize_pods", new { @class = "high", pods = new[] { "upf-0" }, ttl_seconds = 100 });
        await _rig.CallAsync("set_timeslice", new { slice_us = 2000, pods = new[] { "smf-0" }, ttl_seconds = 200 });
        await _rig.CallAsync("set_affinity", new { cpus = "4-7", pods = new[] { "redis-0" }, ttl_seconds = 300 });
        var changes = (await AskAsync("list_changes")).GetProperty("changes").EnumerateArray().ToList();
        Assert.Equal([300, 200, 100], changes.Select(change => change.GetProperty("expires_in_seconds").GetInt32()));
        Assert.All(changes, change => Assert.Equal("test-agent 7", Text(change, "by")));
        AssertCost(2, changes: 3);
    }

    [Fact]
    public async Task Make_the_UPF_pods_low_latency_for_the_next_10_minutes_then_put_everything_back()
    {
        await AskAsync("list_pods", new { @namespace = "free5gc" });
        await AskAsync("dry_run", new { @class = "latency_critical", @namespace = "free5gc", label_selector = "app=upf" });
        await AskAsync("prioritize_pods", new { @class = "latency_critical", @namespace = "free5gc", label_selector = "app=upf", ttl_seconds = 600, reason = "low latency for 10 minutes" });
        AssertDirected(SchedulingClass.LatencyCritical, 100, 101, 110, 111);
        AssertCost(5, changes: 1);
        _rig.Time.Advance(TimeSpan.FromSeconds(599));
        AssertDirected(SchedulingClass.LatencyCritical, 100, 101, 110, 111);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        AssertAsBefore();
    }

    [Fact]
    public async Task Throttle_everything_in_batch_for_half_an_hour()
    {
        await AskAsync("prioritize_pods", new { @class = "background", @namespace = "batch", ttl_seconds = 1800, reason = "demo" });
        AssertDirected(SchedulingClass.Background, 200, 201, 210, 211);
        _rig.Time.Advance(TimeSpan.FromSeconds(1801));
        AssertAsBefore();
        AssertCost(5, changes: 0);
    }

    [Fact]
    public async Task Pin_redis_0_to_CPUs_4_to_7_for_an_hour()
    {
        await AskAsync("list_pods", new { name = "redis" });
        await AskAsync("set_affinity", new { cpus = "4-7", @namespace = "shop", pods = new[] { "redis-0" }, ttl_seconds = 3600 });
        Assert.Equal([300, 301], _rig.Kernel.Held.Keys.Select(key => key.Tid).Order());
        Assert.Equal("hard 4,5,6,7", Assert.Single(_rig.Kernel.DefinedSets).Value.Cpus);
        Assert.Equal(3600, (await AskAsync("list_changes")).GetProperty("changes")[0].GetProperty("expires_in_seconds").GetInt32());
        AssertCost(5, changes: 1);
    }

    [Fact]
    public async Task Slices_of_20_ms_for_the_encoder_and_2_ms_for_the_web_front_end()
    {
        await AskAsync("list_pods");
        await AskAsync("set_timeslice", new { slice_us = 20_000, pods = new[] { "encode-1" } });
        await AskAsync("set_timeslice", new { slice_us = 2_000, pods = new[] { "web-0" } });
        Assert.Equal([(210, 20_000_000ul), (211, 20_000_000ul), (310, 2_000_000ul), (311, 2_000_000ul)], _rig.Kernel.Held.Select(held => (held.Key.Tid, held.Value.SliceNs)).Order());
        AssertCost(6, changes: 2);
    }

    [Fact]
    public async Task What_would_happen_if_I_prioritised_all_pods_with_app_api()
    {
        var plan = await AskAsync("dry_run", new { @class = "high", label_selector = "app=api" });
        Assert.Equal((1, 2), (plan.GetProperty("pods_total").GetInt32(), plan.GetProperty("threads").GetInt32()));
        Assert.Empty(plan.GetProperty("conflicts").EnumerateArray());
        AssertAsBefore();
        AssertCost(3, changes: 0);
    }

    [Fact]
    public async Task Undo_the_last_thing_you_did()
    {
        await _rig.CallAsync("prioritize_pods", new { @class = "high", pods = new[] { "upf-0" } });
        await _rig.CallAsync("prioritize_pods", new { @class = "low", pods = new[] { "encode-1" } });
        var newest = Text((await AskAsync("list_changes", new { limit = 1 })).GetProperty("changes")[0], "change_id");
        await AskAsync("revert", new { change_ids = new[] { newest } });
        AssertDirected(SchedulingClass.High, 100, 101);
        AssertCost(3, changes: 1);
    }

    [Fact]
    public async Task Panic_undo_everything_now()
    {
        await _rig.CallAsync("prioritize_pods", new { @class = "high", pods = new[] { "upf-0" } });
        await _rig.CallAsync("set_affinity", new { cpus = "4-7", pods = new[] { "redis-0" } });
        var result = await AskAsync("revert", new { all = true });
        Assert.Equal((2, 0, true), (result.GetProperty("reverted").GetInt32(), result.GetProperty("remaining_active").GetInt32(), result.GetProperty("gone_from_kernel").GetBoolean()));
        AssertAsBefore();
        AssertCost(2, changes: 0);
    }

    [Fact]
    public async Task Give_every_pod_on_this_node_top_priority()
    {
        var text = await AskInVainAsync("dry_run", new { @class = "latency_critical", label_selector = "!nothing" });
        Assert.Contains("at most 75 % can be (limit max_upper_share_pct)", text, StringComparison.Ordinal);
        Assert.Equal(text["dry_run".Length..], (await AskInVainAsync("prioritize_pods", new { @class = "latency_critical", label_selector = "!nothing" }))["prioritize_pods".Length..]);
        AssertAsBefore();
        AssertCost(4, changes: 0);
    }

    [Fact]
    public async Task Stop_kubelet_and_sshd_from_using_CPU()
    {
        var text = await AskInVainAsync("prioritize_tasks", new { @class = "background", command = "^(kubelet|sshd)$" });
        Assert.Contains("protected", text, StringComparison.Ordinal);
        await AskInVainAsync("set_affinity", new { cpus = "31", pids = new[] { 400 } });
        AssertAsBefore();
        AssertCost(4, changes: 0);
    }

    [Fact]
    public async Task Pin_nginx_to_CPUs_that_are_not_there()
    {
        var text = await AskInVainAsync("set_affinity", new { cpus = "64-71", command = "^nginx$" });
        Assert.Contains("this machine has CPUs 0-31", text, StringComparison.Ordinal);
        AssertAsBefore();
        AssertCost(4, changes: 0);
    }

    [Fact]
    public async Task A_namespace_typed_wrong_succeeds_at_the_second_try()
    {
        var text = await AskInVainAsync("prioritize_pods", new { @class = "high", @namespace = "free5g" });
        var meant = text.Split("similar: ")[1].Split('.')[0];
        await AskAsync("prioritize_pods", new { @class = "high", @namespace = meant });
        Assert.Equal(8, _rig.Kernel.Held.Count);
        AssertCost(4, changes: 1);
    }

    // smf waits for batch work; nobody else waits for long.
    private void Observe(Func<long> smfWaitNs)
    {
        foreach (var (pid, command) in ((int, string)[])[(100, "upf"), (120, "smf"), (200, "render")])
        {
            _rig.Observed.Add(pid, command, cgroup: (ulong)pid);
        }

        _rig.Step = TimeSpan.FromMilliseconds(250);
        var step = 0;
        _rig.WhileWaiting = () =>
        {
            var wait = smfWaitNs() / 100 * (100 + step++ % 3);
            _rig.Observed.Wait(120, wait, times: 10);
            _rig.Observed.Wait(100, 50_000, times: 50);
            _rig.Observed.Wait(200, 50_000, times: 50);
            _rig.Observed.Delay(200, 120, 9 * wait);
        };
    }

    private async Task<JsonElement> AskAsync(string tool, object? arguments = null)
    {
        var result = await _rig.CallAsync(tool, arguments);
        Count(result.GetRawText());
        return result;
    }

    private async Task<string> AskInVainAsync(string tool, object? arguments = null)
    {
        var text = await _rig.RefusalAsync(tool, arguments);
        Count(text);
        Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
        return text;
    }

    private void Count(string text) => (_calls, _bytes) = (_calls + 1, _bytes + text.Length);

    private void AssertCost(int mostCalls, int changes)
    {
        Assert.InRange(_calls, 1, mostCalls);
        Assert.InRange(_bytes, 100, MostBytes);
        Assert.Equal(changes, _rig.Service<Core.Intents.IntentService>().ActiveCount);
    }

    private void AssertDirected(SchedulingClass expected, params int[] tids)
    {
        Assert.Equal(tids, _rig.Kernel.Held.Keys.Select(key => key.Tid).Order());
        Assert.All(_rig.Kernel.Held.Values, directive => Assert.Equal(expected, directive.Class));
    }

    private void AssertAsBefore()
    {
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
        Assert.Empty(_rig.Kernel.DefinedSets);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
