using System.Text.Json;
using Coxswain.Core;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>list_pods, prioritize_pods, dry_run and explain_task, as an agent uses them.</summary>
public sealed class PodToolTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"), ("pod-template-hash", "5d9c"));
        _rig.StartInPod(20, "upf", "free5gc", "upf-1", ("app", "upf"));
        _rig.StartInPod(30, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.StartInPod(40, "burn", "batch", "job-1", ("job", "burn"));
        _rig.Machine.Start(50, "upf");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_busiest_pod_is_first()
    {
        _rig.Machine.Load(40, 0.8);
        _rig.Machine.Load(41, 0.5);
        _rig.Machine.Load(30, 0.1, wait: 0.6);

        var result = await _rig.CallAsync("list_pods");

        Assert.Equal(4, result.GetProperty("total").GetInt32());
        var first = result.GetProperty("pods")[0];
        Assert.Equal(("batch", "job-1", 2), (Text(first, "namespace"), Text(first, "name"), first.GetProperty("threads").GetInt32()));
        Assert.Equal(130, first.GetProperty("cpu_pct").GetDouble(), 1);
        Assert.Equal("burn", first.GetProperty("commands")[0].GetString());
        Assert.Equal("burn", first.GetProperty("labels").GetProperty("job").GetString());
        Assert.Equal("burstable", Text(first, "qos"));
        Assert.Equal("smf-0", Text((await _rig.CallAsync("list_pods", new { sort_by = "wait" })).GetProperty("pods")[0], "name"));
    }

    [Theory]
    [InlineData("{\"namespace\":\"free5gc\",\"sort_by\":\"name\"}", "smf-0,upf-0,upf-1")]
    [InlineData("{\"label_selector\":\"app in (upf)\",\"sort_by\":\"name\"}", "upf-0,upf-1")]
    [InlineData("{\"name\":\"job\"}", "job-1")]
    [InlineData("{\"label_selector\":\"app=x\"}", "")]
    public async Task Filters_narrow_the_list(string arguments, string expected)
    {
        var result = await _rig.CallAsync("list_pods", JsonElement.Parse(arguments));
        Assert.Equal(expected, string.Join(',', result.GetProperty("pods").EnumerateArray().Select(pod => Text(pod, "name"))));
    }

    [Fact]
    public async Task Pods_come_in_pages_of_one_measurement()
    {
        var first = await _rig.CallAsync("list_pods", new { limit = 3, sort_by = "name" });
        Assert.Equal("4 pods match; showing 1 to 3. Narrow with namespace=, label_selector= or name=, or pass cursor.", Text(first, "truncated_hint"));
        var second = await _rig.CallAsync("list_pods", new { cursor = Text(first, "next_cursor") });
        Assert.Equal("upf-1", Text(second.GetProperty("pods")[0], "name"));
        Assert.False(second.TryGetProperty("next_cursor", out _));
        Assert.Contains("call list_pods without cursor", await _rig.RefusalAsync("list_pods", new { cursor = "x" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_node_with_500_pods_the_answer_stays_small()
    {
        for (var i = 0; i < 500; i++)
        {
            _rig.StartInPod(1000 + 2 * i, "server", "production", $"frontend-7c9d8f6b5d-{i:x5}",
                ("app.kubernetes.io/name", "frontend"), ("app.kubernetes.io/instance", "frontend-production"),
                ("app.kubernetes.io/managed-by", "Helm"), ("helm.sh/chart", "frontend-1.2.3"), ("pod-template-hash", "7c9d8f6b5d"), ("tier", "web"));
        }

        var result = await _rig.CallAsync("list_pods");

        Assert.Equal((504, 20), (result.GetProperty("total").GetInt32(), result.GetProperty("returned").GetInt32()));
        Assert.InRange(result.GetRawText().Length, 1000, 10_000);
    }

    [Fact]
    public async Task Without_a_runtime_pods_are_listed_by_uid_and_the_list_says_why()
    {
        await using var rig = await ToolRig.StartAsync();
        rig.StartInPod(10, "upf", "free5gc", "upf-0");
        rig.Pods.Problem = "the container runtime at /run/x.sock did not answer within 2 s";
        var result = await rig.CallAsync("list_pods");
        var pod = Assert.Single(result.GetProperty("pods").EnumerateArray());
        Assert.EndsWith(Text(pod, "uid"), FakePods.Cgroup("free5gc", "upf-0"), StringComparison.Ordinal);
        Assert.False(pod.TryGetProperty("name", out _));
        Assert.Equal(rig.Pods.Problem, Text(result, "problem"));
        Assert.Equal(
            "prioritize_pods: pods cannot be told apart here: the container runtime at /run/x.sock did not answer within 2 s; processes can be named " +
            "by pids, command, cgroup or unit. list_pods shows what can be named. Nothing was changed.",
            await rig.RefusalAsync("prioritize_pods", new { @class = "high", @namespace = "free5gc" }));
    }

    [Fact]
    public async Task Pods_by_label_are_directed_and_listed_so()
    {
        var result = await _rig.CallAsync("prioritize_pods", new { @class = "latency_critical", @namespace = "free5gc", label_selector = "app=upf", ttl_seconds = 600, reason = "pings" });

        Assert.Equal((4, 2, true), (result.GetProperty("applied").GetInt32(), result.GetProperty("pods_total").GetInt32(), result.GetProperty("visible_in_kernel").GetBoolean()));
        Assert.All(result.GetProperty("pods").EnumerateArray(), pod => Assert.Equal((2, "latency_critical"), (pod.GetProperty("threads").GetInt32(), Text(pod, "class"))));
        Assert.Equal([10, 11, 20, 21], _rig.Kernel.Held.Keys.Select(key => key.Tid).Order());
        var pods = (await _rig.CallAsync("list_pods", new { label_selector = "app=upf" })).GetProperty("pods");
        Assert.All(pods.EnumerateArray(), pod => Assert.Equal("latency_critical", Text(pod, "class")));
        Assert.Equal("namespace free5gc labels app=upf", Text((await _rig.CallAsync("list_changes")).GetProperty("changes")[0], "selector"));

        _rig.Time.Advance(TimeSpan.FromSeconds(601));
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public async Task A_namespace_typed_wrong_is_corrected()
    {
        Assert.Equal(
            "prioritize_pods: namespace 'free5g' has no pods on this machine; similar: free5gc. list_pods shows what can be named. Nothing was changed.",
            await _rig.RefusalAsync("prioritize_pods", new { @class = "high", @namespace = "free5g" }));
        Assert.Equal(
            "list_pods: namespace 'free5g' has no pods on this machine; namespaces here: batch, free5gc. Nothing was changed.",
            await _rig.RefusalAsync("list_pods", new { @namespace = "free5g" }));
    }

    [Theory]
    [InlineData("{\"class\":\"high\"}", "no pod is named: give namespace, label_selector or pods; list_pods shows them.")]
    [InlineData("{\"class\":\"high\",\"label_selector\":\"app=a b\"}", "label_selector: \"a b\" is no label value;")]
    [InlineData("{\"class\":\"high\",\"label_selector\":\"!nothing\"}", "(limit max_upper_share_pct)")]
    [InlineData("{\"class\":\"high\",\"pods\":[\"upf\"]}", "no pod 'upf' on this machine; similar: upf-0, upf-1.")]
    public async Task What_cannot_be_done_is_refused(string arguments, string expected)
    {
        var text = await _rig.RefusalAsync("prioritize_pods", JsonElement.Parse(arguments));
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task A_dry_run_tells_everything_and_its_plan_can_be_applied()
    {
        _rig.Machine.Load(10, 1);
        await _rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 20 } });
        var arguments = new { @class = "high", label_selector = "app=upf" };

        var plan = await _rig.CallAsync("dry_run", arguments);

        Assert.Equal((4, 2, 2), (plan.GetProperty("threads").GetInt32(), plan.GetProperty("shadowed").GetInt32(), plan.GetProperty("pods_total").GetInt32()));
        Assert.True(plan.GetProperty("cpu_share_pct").GetDouble() > 0);
        Assert.Equal("free5gc/upf-0", Text(plan.GetProperty("tasks")[0], "pod"));
        Assert.Equal(("low", "low"), (Text(plan.GetProperty("tasks")[2], "class_before"), Text(plan.GetProperty("tasks")[2], "class_after")));
        Assert.Equal(2, _rig.Kernel.Held.Count);

        var result = await _rig.CallAsync("prioritize_pods", new { arguments.@class, arguments.label_selector, plan_id = Text(plan, "plan_id") });

        Assert.Equal((4, 2), (result.GetProperty("applied").GetInt32(), result.GetProperty("shadowed").GetInt32()));
        _rig.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.EndsWith(
            "is unknown or older than 60 s. Call dry_run again. Nothing was changed.",
            await _rig.RefusalAsync("prioritize_pods", new { arguments.@class, arguments.label_selector, plan_id = Text(plan, "plan_id") }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_refuses_what_the_tool_would_refuse()
    {
        Assert.Contains("namespace 'free5g' has no pods", await _rig.RefusalAsync("dry_run", new { @class = "high", @namespace = "free5g" }), StringComparison.Ordinal);
        Assert.Contains("give class, or slice_us, or cpus", await _rig.RefusalAsync("dry_run", new { @namespace = "batch" }), StringComparison.Ordinal);
        Assert.Contains("give one of them", await _rig.RefusalAsync("dry_run", new { @class = "high", slice_us = 1000, @namespace = "batch" }), StringComparison.Ordinal);
        Assert.Contains("is protected", await _rig.RefusalAsync("dry_run", new { @class = "high", pids = new[] { 1 } }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slice_can_be_set_for_pods()
    {
        var result = await _rig.CallAsync("set_timeslice", new { slice_us = 2000, @namespace = "batch" });
        Assert.Equal(2, result.GetProperty("applied").GetInt32());
        Assert.Equal(2_000_000ul, _rig.Kernel.HeldByCgroups[FakePods.Cgroup("batch", "job-1")].SliceNs);
    }

    [Fact]
    public async Task A_pod_is_put_on_CPUs_and_taken_off_again()
    {
        // CPU 0 is there on every machine that the tests run on.
        var result = await _rig.CallAsync("set_affinity", new { cpus = "0", pods = new[] { "job-1" }, ttl_seconds = 3600 });

        Assert.All(result.GetProperty("tasks").EnumerateArray(), task => Assert.Equal(("0", 3600), (Text(task, "cpus"), task.GetProperty("expires_in_seconds").GetInt32())));
        Assert.Equal("hard 0", Assert.Single(_rig.Kernel.DefinedSets).Value.Cpus);
        Assert.Equal("hard 0", Text((await _rig.CallAsync("list_changes")).GetProperty("changes")[0], "cpus"));
        var explained = await _rig.CallAsync("explain_task", new { pid = 41 });
        Assert.Equal(("cpus", "0"), (Text(explained.GetProperty("matches")[0], "decides"), Text(explained.GetProperty("in_kernel"), "cpus")));
        Assert.Equal("0", Text((await _rig.CallAsync("list_tasks", new { pid = 41 })).GetProperty("tasks")[0], "cpus"));
        await _rig.CallAsync("revert", new { all = true });
        Assert.Empty(_rig.Kernel.DefinedSets);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Theory]
    [InlineData("4000-4001", "set_affinity: cpus=\"4000-4001\": this machine has CPUs 0")]
    [InlineData("3-1", "cpus must be a list such as \"4-7\"")]
    public async Task CPUs_that_are_not_there_are_refused(string cpus, string expected)
    {
        var text = await _rig.RefusalAsync("set_affinity", new { cpus, pods = new[] { "job-1" } });
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
        Assert.Contains("'cpus'", await _rig.RefusalAsync("set_affinity", new { cpus = "all", pods = new[] { "job-1" } }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_is_explained()
    {
        var wide = Text(await _rig.CallAsync("prioritize_pods", new { @class = "high", @namespace = "free5gc" }), "change_id");
        var narrow = Text(await _rig.CallAsync("prioritize_tasks", new { @class = "low", pids = new[] { 10 } }), "change_id");

        var result = await _rig.CallAsync("explain_task", new { pid = 11 });

        Assert.Equal([narrow, wide], result.GetProperty("matches").EnumerateArray().Select(match => Text(match, "change_id")));
        Assert.Equal("class", Text(result.GetProperty("matches")[0], "decides"));
        Assert.False(result.GetProperty("matches")[1].TryGetProperty("decides", out _));
        Assert.Equal(("free5gc/upf-0", true), (Text(result, "pod"), result.GetProperty("agrees").GetBoolean()));
        Assert.Equal(("low", "high"), (Text(result.GetProperty("in_kernel"), "class"), Text(result.GetProperty("cgroup_in_kernel"), "class")));
        Assert.Equal(SchedulingClass.Low, _rig.Kernel.Of(11)!.Value.Class);
        Assert.StartsWith("explain_task: pid 4242 does not exist", await _rig.RefusalAsync("explain_task", new { pid = 4242 }), StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
