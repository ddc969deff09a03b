using System.Text.Json;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Wrong arguments are answered with what is allowed, and change nothing.</summary>
public sealed class ArgumentTests : IAsyncLifetime
{
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.Machine.Start(10, "upf");
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(_rig.Kernel.Held);
        await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData("get_status", """{"x":1}""", "unknown argument 'x' (this tool takes none)")]
    [InlineData("list_tasks", """{"max":1}""", "unknown argument 'max' (known: pid, command, namespace, pod, cpu, cgroup, sort_by, limit, response_format, cursor)")]
    [InlineData("prioritize_tasks", """{"class":"high","pids":[10],"ttl":60}""", "unknown argument 'ttl', did you mean 'ttl_seconds'? (known: class, pids, command, cgroup, unit, uid, budget_pct, ttl_seconds, guard, reason, plan_id, confirm)")]
    [InlineData("prioritize_tasks", """{"class":"high","pids":[10],"Reason":"x"}""", "unknown argument 'Reason', did you mean 'reason'? (known: class, pids, command, cgroup, unit, uid, budget_pct, ttl_seconds, guard, reason, plan_id, confirm)")]
    [InlineData("prioritize_tasks", """{"pids":[10]}""", "missing required argument 'class' (one of background, low, normal, high, latency_critical)")]
    [InlineData("set_timeslice", """{"pids":[10]}""", "missing required argument 'slice_us' (Time slice, e.g. 2000 for 2 ms)")]
    [InlineData("set_timeslice", """{"pids":[10],"slice_us":null}""", "'slice_us'=null must be a whole number")]
    [InlineData("prioritize_tasks", """{"class":"urgent","pids":[10]}""", "'class'=\"urgent\" must be one of background, low, normal, high, latency_critical")]
    [InlineData("prioritize_tasks", """{"class":3,"pids":[10]}""", "'class'=3 must be a string, one of background, low, normal, high, latency_critical")]
    [InlineData("set_timeslice", """{"slice_us":99,"pids":[10]}""", "'slice_us'=99 is below the minimum 100")]
    [InlineData("set_timeslice", """{"slice_us":100001,"pids":[10]}""", "'slice_us'=100001 is above the maximum 100000")]
    [InlineData("set_timeslice", """{"slice_us":99999999999,"pids":[10]}""", "'slice_us'=99999999999 must be a whole number")]
    [InlineData("set_timeslice", """{"slice_us":"2000","pids":[10]}""", "'slice_us'=\"2000\" must be a whole number")]
    [InlineData("set_timeslice", """{"slice_us":2000.5,"pids":[10]}""", "'slice_us'=2000.5 must be a whole number")]
    [InlineData("set_timeslice", """{"slice_us":2000,"pids":10}""", "'pids'=10 must be a list")]
    [InlineData("set_timeslice", """{"slice_us":2000,"pids":[]}""", "'pids' must not be empty")]
    [InlineData("set_timeslice", """{"slice_us":2000,"pids":[10,"x",0]}""", "'pids[1]'=\"x\" must be a whole number; 'pids[2]'=0 is below the minimum 1")]
    [InlineData("set_timeslice", """{"slice_us":2000,"command":""}""", "'command' must not be empty")]
    [InlineData("prioritize_tasks", """{"class":"high","pids":[10],"ttl_seconds":0}""", "'ttl_seconds'=0 is below the minimum 1")]
    [InlineData("prioritize_tasks", """{"class":"high","pids":[10],"ttl_seconds":86401}""", "'ttl_seconds'=86401 is above the maximum 86400")]
    [InlineData("list_tasks", """{"limit":5000}""", "'limit'=5000 is above the maximum 200")]
    [InlineData("list_tasks", """{"sort_by":"name"}""", "'sort_by'=\"name\" must be one of cpu, wait, runtime, pid")]
    [InlineData("list_changes", """{"include_ended":"yes"}""", "'include_ended'=\"yes\" must be true or false")]
    [InlineData("revert", """{"change_ids":[1]}""", "'change_ids[0]'=1 must be a string")]
    [InlineData("revert", """{}""", "nothing is named: give change_ids (list_changes shows them), mine=true or all=true")]
    [InlineData("revert", """{"change_ids":["chg_a"],"all":true}""", "change_ids and all=true cannot be combined: give one of them")]
    [InlineData("prioritize_tasks", """{"class":"high"}""", "no task is named: give pids (e.g. [4242]), command (a regex, e.g. \"^nginx\"), cgroup, unit or uid; list_tasks shows them")]
    [InlineData("prioritize_tasks", """{"class":"high","pids":[10],"command":"upf"}""", "pids cannot be combined with another way of naming")]
    public async Task A_wrong_call_is_told_what_is_allowed(string tool, string arguments, string problem) =>
        Assert.Equal($"{tool}: {problem}. Nothing was changed.", await _rig.RefusalAsync(tool, JsonElement.Parse(arguments)));

    [Fact]
    public async Task All_problems_are_told_at_once() =>
        Assert.Equal(
            "prioritize_tasks: 'pids[0]'=-1 is below the minimum 1; unknown argument 'urgent' (known: class, pids, command, cgroup, unit, uid, budget_pct, ttl_seconds, guard, reason, plan_id, confirm); " +
            "missing required argument 'class' (one of background, low, normal, high, latency_critical). Nothing was changed.",
            await _rig.RefusalAsync("prioritize_tasks", JsonElement.Parse("""{"pids":[-1],"urgent":true}""")));

    [Fact]
    public async Task What_is_too_long_is_refused_and_not_repeated()
    {
        Assert.Contains("'command' has 257 characters, at most 256 are allowed", await _rig.RefusalAsync("prioritize_tasks", new { @class = "high", command = new string('a', 257) }), StringComparison.Ordinal);
        Assert.Contains("'reason' has 201 characters", await _rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 }, reason = new string('a', 201) }), StringComparison.Ordinal);
        Assert.Contains("'pids' has 1001 entries", await _rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = Enumerable.Range(1, 1001) }), StringComparison.Ordinal);
        Assert.InRange((await _rig.RefusalAsync("prioritize_tasks", new { @class = new string('x', 100_000), pids = new[] { 10 } })).Length, 50, 400);
    }

    [Fact]
    public async Task Text_from_the_caller_comes_back_without_control_characters() =>
        Assert.DoesNotContain('\u001b', await _rig.RefusalAsync("prioritize_tasks", new Dictionary<string, object> { ["class"] = "high", ["\u001b[31m"] = 1 }));

    [Fact]
    public async Task An_optional_argument_that_is_null_counts_as_left_out()
    {
        var result = await _rig.CallAsync("list_changes", JsonElement.Parse("""{"include_ended":null,"limit":null,"cursor":null}"""));
        Assert.Equal(0, result.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_unknown_tool_is_an_error_of_the_protocol()
    {
        var exception = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(() => _rig.CallRawAsync("no_such_tool"));
        Assert.Equal(ModelContextProtocol.McpErrorCode.InvalidParams, exception.ErrorCode);
    }

    [Fact]
    public async Task No_arguments_whatever_break_the_protocol()
    {
        // Seeded: a failure can be repeated.
        var random = new Random(20260728);
        var tools = _rig.Tools.ToList();
        for (var i = 0; i < 400; i++)
        {
            var tool = tools[random.Next(tools.Count)];
            var names = tool.InputSchema.GetProperty("properties").EnumerateObject().Select(property => property.Name).Append("junk").ToList();
            var arguments = names.Where(_ => random.Next(2) == 0).ToDictionary(name => name, _ => Junk(random));

            // Neither an exception, which would be an error of the protocol, nor a text that says nothing.
            var result = await _rig.CallRawAsync(tool.Name, arguments);

            var text = ((ModelContextProtocol.Protocol.TextContentBlock)result.Content[0]).Text;
            Assert.DoesNotContain("An error occurred", text, StringComparison.Ordinal);
            Assert.DoesNotContain("unexpectedly", text, StringComparison.Ordinal);
            await _rig.CallRawAsync("revert", new { all = true });
        }
    }

    private static object? Junk(Random random) => random.Next(14) switch
    {
        0 => null,
        1 => true,
        2 => random.Next(-5, 5),
        3 => random.Next(),
        4 => long.MaxValue,
        5 => 1e300,
        6 => 10,
        7 => "",
        8 => "high",
        9 => new string('(', random.Next(300)),
        10 => new object?[] { 10, "x", Array.Empty<int>(), null },
        11 => new[] { 10 },
        12 => new { a = new { b = 1 } },
        _ => "\u0000\u202E\ud83d\ude00",
    };
}
