using System.Text.Json;
using Coxswain.Core.Guards;
using Coxswain.Core.Observe;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Documents;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What clients and operators see of guards.</summary>
public sealed class GuardTests : IAsyncLifetime
{
    private ToolRig _rig = null!;
    private string _directory = "";

    public async ValueTask InitializeAsync()
    {
        _directory = Directory.CreateTempSubdirectory("guards").FullName;
        _rig = await ToolRig.StartAsync(auditFile: Path.Combine(_directory, "audit.jsonl"));
        _rig.Machine.Start(10, "job");
        _rig.Machine.Start(20, "web");
        _rig.Observed.Add(10, "job");
        _rig.Observed.Add(20, "web");
        _rig.Service<IObserver>().Start();
        Pass(8, ms: 4);
    }

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_the_daemons_own_guard_reverts_is_told_everywhere()
    {
        var id = (await _rig.CallAsync("prioritize_tasks", new { @class = "latency_critical", pids = new[] { 10 } })).GetProperty("change_id").GetString();
        Pass(0.25, ms: 4);
        Assert.Equal("watching", (await ChangesAsync())[0].GetProperty("own_guard").GetString());
        Assert.Equal(1, (await _rig.CallAsync("get_status")).GetProperty("guard").GetProperty("watching").GetInt32());
        Pass(5, ms: 24);

        Assert.Empty(await ChangesAsync());
        var row = Assert.Single(await ChangesAsync(ended: true));
        Assert.Equal(("reverted", "guard"), (row.GetProperty("ended_by").GetString(), row.GetProperty("reverted_by").GetString()));
        var finding = row.GetProperty("finding");
        Assert.Equal(("bystanders", "wait_p99_us", "others", 2), (
            finding.GetProperty("trigger").GetString(), finding.GetProperty("metric").GetString(), finding.GetProperty("workload").GetString(), finding.GetProperty("seconds").GetInt32()));
        Assert.True(finding.GetProperty("measured_us").GetDouble() > 2 * finding.GetProperty("before_us").GetDouble());
        Assert.False(row.TryGetProperty("own_guard", out _));

        var status = (await _rig.CallAsync("get_status")).GetProperty("guard");
        Assert.Equal((1, id), (status.GetProperty("reverted").GetInt32(), status.GetProperty("last_change_id").GetString()));
        Assert.StartsWith("the 99th percentile of run-queue waits of workloads that no change touches (web) rose from 4.", status.GetProperty("last_finding").GetString(), StringComparison.Ordinal);
        Assert.Contains(_rig.Log.Messages, message => message.StartsWith($"Warning: {id} by ", StringComparison.Ordinal) && message.Contains("was reverted by guard: the 99th percentile", StringComparison.Ordinal));
        var record = JsonElement.Parse(File.ReadLines(Path.Combine(_directory, "audit.jsonl")).Last());
        Assert.Equal(("ended", "guard", "bystanders"), (
            record.GetProperty("event").GetString(), record.GetProperty("reverted_by").GetString(), record.GetProperty("finding").GetProperty("trigger").GetString()));
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task A_change_can_have_a_guard_of_its_own_and_is_shown_with_it()
    {
        var guard = new { metric = "wait_p50_us", workload = "command:^web$", worse_than_us = 10_000, for_seconds = 2 };
        var preview = await _rig.CallAsync("dry_run", new { @class = "high", pids = new[] { 10 }, guard });
        Assert.Equal("command:^web$", preview.GetProperty("guard").GetProperty("workload").GetString());
        Assert.InRange(preview.GetProperty("guard_now_us").GetDouble(), 3700, 4300);

        await _rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, guard, plan_id = preview.GetProperty("plan_id").GetString() });
        var row = Assert.Single(await ChangesAsync());
        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(guard), row.GetProperty("guard")), row.GetRawText());
        Assert.Equal(1, (await _rig.CallAsync("get_status")).GetProperty("guard").GetProperty("of_changes").GetInt32());

        var again = Assert.Single(IntentDocument.Read(ChangeWriter.Yaml([row]), 600)).Request!;
        Assert.Equal(ObservedMeasure.WaitP50, again.Guard!.Metric);
        Assert.Equal(("command:^web$", 10_000, 2), (again.Guard.Workload.Text, again.Guard.WorseThanUs, again.Guard.ForSeconds));

        Pass(4, ms: 24);
        Assert.Equal("guard", Assert.Single(await ChangesAsync(ended: true)).GetProperty("reverted_by").GetString());
    }

    [Theory]
    [InlineData("prioritize_tasks", """{"class":"high","pids":[10]""")]
    [InlineData("set_timeslice", """{"slice_us":2000,"pids":[10]""")]
    [InlineData("set_affinity", """{"cpus":"0","pids":[10]""")]
    public async Task What_is_wrong_with_a_guard_is_told_at_once_with_what_is_allowed(string tool, string arguments)
    {
        var text = await _rig.RefusalAsync(tool, JsonElement.Parse(arguments + ""","guard":{"metric":"p99","workload":"web","worse_then":1}}"""));
        Assert.Equal(
            $"{tool}: unknown field 'guard.worse_then'; known are metric, workload, worse_than_us, for_seconds; guard.metric=\"p99\" must be wait_p99_us, wait_p90_us, wait_p50_us; " +
            "guard.workload=\"web\" must be others, or pod:NAMESPACE/NAME, labels:EXPRESSIONS, pid:IDS, command:REGEX, cgroup:PATH or unit:NAME; " +
            "guard.worse_than_us=null must be a whole number from 1 to 8000000. Nothing was changed.",
            text);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public async Task A_guard_that_cannot_be_watched_is_refused_with_the_reason()
    {
        await using var rig = await ToolRig.StartAsync();
        rig.Machine.Start(10, "job");
        rig.Observed.Refusal = new ObserverUnavailableException("no type information");
        Assert.Equal(
            "prioritize_tasks: guard cannot be watched: no type information. Leave guard out, or do what the message says. Nothing was changed.",
            await rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, guard = new { worse_than_us = 5000 } }));
        await rig.CallAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } });
    }

    [Fact]
    public void The_operator_sets_when_the_own_guard_acts()
    {
        Assert.Equal(new GuardOptions(), Read("").Guard);
        Assert.Equal(
            new GuardOptions { Enabled = false, Observing = GuardObserving.Always, WorsePercent = 300, MinWaitUs = 0, ForSeconds = 5, WatchSeconds = 600 },
            Read("[guard]\nenabled = false\nobserve = \"always\"\nworse_pct = 300\nmin_wait_us = 0\nfor_seconds = 5\nwatch_seconds = 600\n").Guard);
    }

    [Theory]
    [InlineData("observe = \"never\"", "guard.observe must be one of clients, changes, always")]
    [InlineData("worse_pct = 100", "guard.worse_pct must be a whole number from 110 to 10000")]
    [InlineData("for_seconds = 11", "guard.for_seconds must be a whole number from 1 to 10")]
    [InlineData("enable = true", "unknown setting 'guard.enable', did you mean 'guard.enabled'?")]
    public void What_is_wrong_in_its_settings_is_told(string line, string problem) =>
        Assert.EndsWith($"line 2: {problem}", Assert.Throws<SettingsException>(() => Read($"[guard]\n{line}\n")).Message, StringComparison.Ordinal);

    private Settings Read(string text)
    {
        var path = Path.Combine(_directory, "config.toml");
        File.WriteAllText(path, text);
        return SettingsFile.Read(path, required: true);
    }

    private void Pass(double seconds, double ms)
    {
        for (var look = 0; look < seconds * 4; look++)
        {
            _rig.Observed.Wait(20, (long)(ms * 1e6), times: 25);
            _rig.Time.Advance(TimeSpan.FromSeconds(0.25));
        }
    }

    private async Task<List<JsonElement>> ChangesAsync(bool ended = false) =>
        [.. (await _rig.CallAsync("list_changes", new { include_ended = ended })).GetProperty("changes").EnumerateArray()];
}
