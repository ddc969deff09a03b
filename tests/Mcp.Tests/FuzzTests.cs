using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>
/// Ten thousand calls made up from the schemas, right, half right and wrong: never an error of the protocol, never one that says nothing, and never
/// a thread changed that was not asked for.
/// </summary>
public sealed class FuzzTests : IAsyncLifetime
{
    private const int Changing = 7000;
    private const int Looking = 3000;
    private const int Together = 100;

    // What waits for the clock for minutes is tried less often.
    private const string Slow = "run_experiment";
    private const int SlowOneIn = 60;

    private static readonly string[] s_texts =
    [
        "", "upf", "^upf$", "free5gc", "batch", "upf-0", "job-1", "app=upf", "app in (upf,smf),!x", "/kubepods", "/system.slice", "ssh.service", "chg_aaaaa",
        "0", "0-3", "3-1", "0,2,4-7", "99999", "(", "[a-", "(a+)+$", "\u001b[2J", "\0", "../../etc/passwd", "'; rm -rf /", "😀", "null", "-1",
    ];

    private readonly Random _random = new(20260901);
    private ToolRig _rig = null!;
    private List<Tool> _tools = [];

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync(logLevel: Microsoft.Extensions.Logging.LogLevel.Error, settings: () => new Configuration.Settings
        {
            Limits = OperatorLimits.Default with { MaxChangesPerMinute = 1_000_000, ConfirmAboveTasks = 6 },
        });
        _tools = [.. _rig.Tools];
        _rig.Step = TimeSpan.FromSeconds(1);
        _rig.Machine.Start(20, "sshd");
        _rig.Machine.Start(30, "nginx", "worker", "worker");
        _rig.StartInPod(40, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.StartInPod(50, "smf", "free5gc", "smf-0", ("app", "smf"));
        _rig.StartInPod(60, "job", "batch", "job-1", ("app", "job"));
        _rig.StartInPod(70, "web", "shop", "web-0", ("app", "web"));
        _rig.StartInPod(80, "web", "shop", "web-1", ("app", "web"));
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Calls_that_change_something_change_what_was_asked_or_nothing()
    {
        var writers = _tools.Where(tool => tool.Annotations!.ReadOnlyHint is not true).ToList();
        var succeeded = new HashSet<string>();
        for (var i = 0; i < Changing; i++)
        {
            var tool = writers[_random.Next(writers.Count)];
            if (tool.Name == Slow && i % SlowOneIn != 0)
            {
                continue;
            }

            var arguments = MakeUp(tool);
            var before = State();
            var result = await CallAsync(tool, arguments);
            var after = State();
            if (result.IsError is true)
            {
                // Time may have passed while the call was on its way: some end by themselves.
                Assert.True(before.SequenceEqual(after) || (tool.Name == Slow && after.All(before.Contains)), $"{tool.Name} {arguments.ToJsonString()} was refused and changed something");
            }
            else
            {
                succeeded.Add(tool.Name);
                AssertAsked(tool, arguments, before, after);
            }

            AssertProtected();
            if (i % 20 == 0)
            {
                // Some end by themselves in between.
                _rig.Time.Advance(TimeSpan.FromSeconds(_random.Next(1, 400)));
            }
        }

        Assert.Equal(writers.Select(tool => tool.Name).Order(), succeeded.Order());
    }

    [Fact]
    public async Task Calls_that_look_change_nothing()
    {
        var readers = _tools.Where(tool => tool.Annotations!.ReadOnlyHint is true).ToList();
        _rig.Observed.Add(40, "upf");
        _rig.WhileWaiting = () => _rig.Observed.Wait(40, 100_000);
        for (var i = 0; i < Looking; i += Together)
        {
            var calls = Enumerable.Range(0, Together).Select(_ => readers[_random.Next(readers.Count)]).Select(tool => CallAsync(tool, MakeUp(tool))).ToList();
            await _rig.WhileTimePassesAsync(Task.WhenAll(calls));
        }

        Assert.Equal((0, 0, 0), (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications));
    }

    private async Task<CallToolResult> CallAsync(Tool tool, JsonObject arguments)
    {
        var call = _rig.Client.CallToolAsync(
            new CallToolRequestParams { Name = tool.Name, Arguments = arguments.ToDictionary(pair => pair.Key, pair => JsonElement.Parse(pair.Value?.ToJsonString() ?? "null")) },
            TestContext.Current.CancellationToken).AsTask();
        var result = tool.Name == Slow ? await _rig.WhileTimePassesAsync(call) : await call;
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
        if (result.IsError is true)
        {
            Assert.StartsWith(tool.Name + ": ", text, StringComparison.Ordinal);
            Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
            Assert.True(text.Length < 4000 && !text.Any(c => char.IsControl(c)), text);
        }
        else
        {
            Assert.Empty(SchemaCheck.Problems(_rig.Results[tool.Name], result.StructuredContent!.Value));
        }

        return result;
    }

    private Dictionary<TaskKey, Directive> State() => _rig.Kernel.Held.ToDictionary(pair => pair.Key, pair => pair.Value);

    private void AssertAsked(Tool tool, JsonObject arguments, Dictionary<TaskKey, Directive> before, Dictionary<TaskKey, Directive> after)
    {
        var changed = after.Where(pair => !before.TryGetValue(pair.Key, out var had) || had != pair.Value).Select(pair => pair.Key)
            .Concat(before.Keys.Where(key => !after.ContainsKey(key)));
        foreach (var key in changed)
        {
            Assert.True(IsAsked(tool, arguments, key, before), $"{tool.Name} {arguments.ToJsonString()} changed thread {key.Tid}");
        }
    }

    // Read anew from the arguments, without the server's own code.
    private bool IsAsked(Tool tool, JsonObject arguments, TaskKey key, Dictionary<TaskKey, Directive> before)
    {
        if (tool.Name is "revert" or "extend" or "stop_scheduler" or "start_scheduler")
        {
            return before.ContainsKey(key);
        }

        var task = _rig.Machine.Find(key.Tid)! with { Cgroup = _rig.Machine.ReadCgroup(_rig.Machine.Find(key.Tid)!) };
        if (tool.Name == "apply_strategies")
        {
            var wanted = arguments["strategies"]!["a"]![0]!["command_regex"]!.GetValue<string>();
            return Regex.IsMatch(task.Command, wanted) || Regex.IsMatch(task.ProcessCommand, wanted);
        }

        if (tool.Name == Slow)
        {
            var tried = arguments["intent"]!["command"]!.GetValue<string>();
            return before.ContainsKey(key) || Regex.IsMatch(task.Command, tried) || Regex.IsMatch(task.ProcessCommand, tried);
        }

        return (arguments["pids"] is not JsonArray pids || pids.Any(pid => pid!.GetValue<int>() == key.Tid || pid.GetValue<int>() == task.ProcessId)) &&
            (arguments["command"] is not { } command || Regex.IsMatch(task.Command, command.GetValue<string>()) || Regex.IsMatch(task.ProcessCommand, command.GetValue<string>())) &&
            (arguments["namespace"] is not { } space || IsInPod(task, pod => pod.Namespace == space.GetValue<string>())) &&
            (arguments["pods"] is not JsonArray pods || IsInPod(task, pod => pods.Any(name => name!.GetValue<string>() == pod.Name))) &&
            (arguments["label_selector"] is null || IsInPod(task, _ => true)) &&
            (arguments["cgroup"] is not { } cgroup || task.Cgroup.StartsWith(cgroup.GetValue<string>(), StringComparison.Ordinal));
    }

    private bool IsInPod(TaskInfo task, Func<Core.Workloads.Pods.PodInfo, bool> isIt) =>
        _rig.Service<Core.Workloads.Pods.PodRegistry>().PodOf(task) is { } pod && isIt(pod);

    private void AssertProtected() => Assert.DoesNotContain(_rig.Kernel.Held.Keys, key => key.Tid is 1 or 2 or 20 or ToolRig.OwnPid);

    private JsonObject MakeUp(Tool tool)
    {
        var arguments = new JsonObject();
        var required = tool.InputSchema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToList() : [];
        var properties = tool.InputSchema.GetProperty("properties").EnumerateObject().ToList();
        // Few together, or they exclude each other nearly always.
        var chance = Math.Min(0.5, 2.5 / Math.Max(1, properties.Count));
        foreach (var property in properties)
        {
            var wanted = required.Contains(property.Name) ? _random.NextDouble() < 0.97 : _random.NextDouble() < chance;
            if (wanted)
            {
                arguments[property.Name] = _random.NextDouble() < 0.05 ? Wrong() : Fitting(property.Name, property.Value);
            }
        }

        if (_random.NextDouble() < 0.02)
        {
            arguments[_random.NextDouble() < 0.5 ? "ttl" : s_texts[_random.Next(s_texts.Length)]] = Wrong();
        }

        return arguments;
    }

    private JsonNode? Fitting(string name, JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var values))
        {
            return values[_random.Next(values.GetArrayLength())].GetString();
        }

        return schema.GetProperty("type").GetString() switch
        {
            "integer" => Number(schema),
            "boolean" => _random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Item(name, schema.GetProperty("items")))]),
            "object" when name == "guard" => new JsonObject { ["worse_than"] = _random.Next(-1, 10_000), ["workload"] = _random.Next(2) == 0 ? "others" : Text("workload") },
            "object" when name == "intent" => new JsonObject { ["class"] = _random.Next(2) == 0 ? "high" : "low", ["command"] = Text("command"), ["ttl_seconds"] = _random.Next(1, 1000) },
            "object" when name == "workload" => new JsonObject { ["command"] = Text("command") },
            "object" => new JsonObject { ["a"] = new JsonArray(new JsonObject { ["priority"] = _random.Next(21), ["command_regex"] = Text("command") }) },
            _ => Text(name),
        };
    }

    private JsonNode? Item(string list, JsonElement items) =>
        items.GetProperty("type").GetString() == "integer"
            ? _random.NextDouble() < 0.8 ? new[] { 1, 2, 20, 30, 31, 40, 41, 50, 60, 70, 80, 99 }[_random.Next(12)] : Number(items)
            : list == "change_ids" ? ChangeId() : new[] { "upf-0", "smf-0", "job-1", "web-0", "web-1", "none" }[_random.Next(6)];

    private int Number(JsonElement schema)
    {
        var (least, most) = (schema.GetProperty("minimum").GetInt64(), schema.GetProperty("maximum").GetInt64());
        return _random.Next(12) switch
        {
            0 => (int)least,
            1 => (int)most,
            2 => (int)Math.Max(int.MinValue, least - 1),
            3 => (int)Math.Min(int.MaxValue, most + 1),
            _ => (int)_random.NextInt64(least, most + 1),
        };
    }

    private string Text(string name) => (name, _random.NextDouble() < 0.7) switch
    {
        ("change_id", true) => ChangeId(),
        ("namespace", true) => new[] { "free5gc", "batch", "shop" }[_random.Next(3)],
        ("command", true) => new[] { "^upf$", "nginx", "worker", "web|job", "smf" }[_random.Next(5)],
        ("label_selector", true) => new[] { "app=upf", "app in (smf,job)", "app", "!app" }[_random.Next(4)],
        ("cpus", true) => new[] { "0", "0-3", "4,6", "16-31" }[_random.Next(4)],
        ("plan_id" or "cursor", true) => "",
        _ => _random.NextDouble() < 0.05 ? new string('x', _random.Next(5000)) : s_texts[_random.Next(s_texts.Length)],
    };

    private string ChangeId()
    {
        var changes = _rig.Service<Core.Intents.IntentService>().Changes(includeEnded: true);
        return changes.Count > 0 && _random.NextDouble() < 0.9 ? changes[_random.Next(Math.Min(changes.Count, 10))].Id : "chg_aaaaa";
    }

    private JsonNode? Wrong() => _random.Next(8) switch
    {
        0 => null,
        1 => JsonNode.Parse("1e308"),
        2 => JsonNode.Parse("-9223372036854775808"),
        3 => JsonNode.Parse("1.5"),
        4 => new JsonArray(new JsonArray(), null, 1, "x"),
        5 => new JsonObject { ["a"] = new JsonObject() },
        6 => s_texts[_random.Next(s_texts.Length)],
        _ => true,
    };
}
