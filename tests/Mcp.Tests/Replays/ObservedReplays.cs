using System.Text.Json;
using Coxswain.Core;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>
/// What operators ask for where the answer lies in what was observed, or in how the scheduler ended, which the test decides to the microsecond. The others are
/// replayed on the simulated kernel.
/// </summary>
public abstract class ObservedReplays(string protocol) : IAsyncLifetime
{
    private readonly ReplayCost _cost = new();
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync(protocol);
        _rig.StartInPod(100, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(120, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.StartInPod(200, "render", "batch", "render-1", ("job", "render"));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _rig.DisposeAsync();
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
        AssertCost(2, 2_300, changes: 0);
    }

    [Fact]
    public async Task Pod_smf_in_free5gc_feels_slow_is_it_waiting_for_CPU()
    {
        // Of 2,010 waits ten are smf's: less than the node's last hundredth.
        Observe(smfWaitNs: () => 9_000_000, otherWaits: 1000);
        await AskAsync("list_pods", new { @namespace = "free5gc", name = "smf" });
        var pod = await AskAsync("get_metrics", new { scope = "pod", name = "free5gc/smf-0" });
        var node = await AskAsync("get_metrics");
        Assert.InRange(pod.GetProperty("wait_us").GetProperty("p99").GetDouble(), 8500, 9500);
        Assert.InRange(node.GetProperty("wait_us").GetProperty("p99").GetDouble(), 45, 55);
        Assert.Equal("batch/render-1", Text(pod.GetProperty("delayers")[0], "workload"));
        AssertAsBefore();
        AssertCost(5, 1_500, changes: 0);
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

        AssertCost(8, 1_000, changes: kept ? 1 : 0);
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
        AssertCost(8, 2_000, changes: 1);
    }

    // smf waits for batch work; nobody else waits for long.
    private void Observe(Func<long> smfWaitNs, int otherWaits = 50)
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
            _rig.Observed.Wait(100, 50_000, times: otherWaits);
            _rig.Observed.Wait(200, 50_000, times: otherWaits);
            _rig.Observed.Delay(200, 120, 9 * wait);
        };
    }

    private async Task<JsonElement> AskAsync(string tool, object? arguments = null)
    {
        var result = await _rig.CallAsync(tool, arguments);
        _cost.Count(result.GetRawText());
        return result;
    }

    private void AssertCost(int mostCalls, int mostBytes, int changes)
    {
        _cost.AssertAtMost(mostCalls, mostBytes);
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
