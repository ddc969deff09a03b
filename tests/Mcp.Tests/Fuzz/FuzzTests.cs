using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core.Safety;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>
/// Ten thousand calls made up from the schemas, right, half right and wrong: never an error of the protocol, never one that says nothing, and never
/// a thread, a cgroup, a CPU set or a setting of the scheduler changed that was not asked for.
/// </summary>
public sealed class FuzzTests : IAsyncLifetime
{
    private const int Changing = 7000;
    private const int Looking = 3000;
    private const int Together = 100;

    // What waits for the clock for minutes is tried less often.
    private const string Slow = "run_experiment";
    private const int SlowOneIn = 60;

    private readonly Random _random = new(20260901);
    private ToolRig _rig = null!;
    private List<Tool> _tools = [];
    private MadeUpArguments _arguments = null!;
    private AskedChanges _asked = null!;
    private int _calls;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync(logLevel: Microsoft.Extensions.Logging.LogLevel.Error, supervised: true, settings: () => new Configuration.Settings
        {
            Limits = OperatorLimits.Default with { MaxChangesPerMinute = 1_000_000, ConfirmAboveTasks = 6 },
        });
        _tools = [.. _rig.Tools];
        _arguments = new MadeUpArguments(_random, () => [.. _rig.Service<Core.Intents.IntentService>().Changes(includeEnded: true).Select(change => change.Id)]);
        _asked = new AskedChanges(_rig);
        _rig.Step = TimeSpan.FromSeconds(1);
        _rig.Machine.Start(20, "sshd");
        _rig.Machine.Move(20, "/system.slice/ssh.service");
        _rig.Machine.Start(30, "nginx", "worker", "worker");
        _rig.Machine.Move(30, "/system.slice/nginx.service");
        _asked.StartInPod(40, "upf", "free5gc", "upf-0");
        _asked.StartInPod(50, "smf", "free5gc", "smf-0");
        _asked.StartInPod(60, "job", "batch", "job-1");
        _asked.StartInPod(70, "web", "shop", "web-0");
        _asked.StartInPod(80, "web", "shop", "web-1");
        foreach (var tid in (int[])[30, 31, 32, 60, 61])
        {
            _rig.Machine.Change(tid, task => task with { Uid = 1000 });
        }
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Calls_that_change_something_change_what_was_asked_or_nothing()
    {
        var writers = _tools.Where(tool => tool.Annotations!.ReadOnlyHint is not true).ToList();
        var succeeded = new HashSet<string>();
        for (var picked = 0; _calls < Changing; picked++)
        {
            var tool = writers[_random.Next(writers.Count)];
            if (tool.Name == Slow && picked % SlowOneIn != 0)
            {
                continue;
            }

            var arguments = _arguments.MakeUp(tool);
            var before = _asked.Look();
            var result = await CallAsync(tool, arguments);
            if (result.IsError is not true)
            {
                succeeded.Add(tool.Name);
                _asked.AssertAsked(tool.Name, arguments, before);
            }
            else if (tool.Name == Slow)
            {
                _asked.AssertNothingNew(arguments, before);
            }
            else
            {
                _asked.AssertUnchanged($"{tool.Name} {arguments.ToJsonString()} was refused", before);
            }

            _asked.AssertProtected();
            if (!_rig.Kernel.Snapshot().Attached && _random.NextDouble() < 0.8)
            {
                // Or most calls would find no scheduler.
                await _rig.CallAsync("start_scheduler");
            }

            if (_calls % 20 == 0)
            {
                // Some end by themselves in between.
                _rig.Time.Advance(TimeSpan.FromSeconds(_random.Next(1, 400)));
            }
        }

        Assert.Equal(writers.Select(tool => tool.Name).Order(), succeeded.Order());
        Assert.Equal(Changing, _calls);
    }

    [Fact]
    public async Task Calls_that_look_change_nothing()
    {
        var readers = _tools.Where(tool => tool.Annotations!.ReadOnlyHint is true).ToList();
        _rig.Observed.Add(40, "upf");
        _rig.WhileWaiting = () => _rig.Observed.Wait(40, 100_000);
        // There is something to look at, and to preview the end of, for longer than all calls take.
        await _rig.CallAsync("prioritize_pods", new { @class = "high", @namespace = "free5gc", ttl_seconds = IntentLimits.MaxTtlSeconds });
        await _rig.CallAsync("set_affinity", new { cpus = "0-3", pods = new[] { "web-0" }, ttl_seconds = IntentLimits.MaxTtlSeconds });
        var before = _asked.Look();
        var counts = (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications);
        for (var i = 0; i < Looking; i += Together)
        {
            var calls = Enumerable.Range(0, Together).Select(_ => readers[_random.Next(readers.Count)]).Select(tool => CallAsync(tool, _arguments.MakeUp(tool))).ToList();
            await _rig.WhileTimePassesAsync(Task.WhenAll(calls));
        }

        _asked.AssertUnchanged("looking", before);
        Assert.Equal(counts, (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications));
        Assert.Equal(Looking, _calls);
    }

    [Fact]
    public void These_are_ten_thousand_calls() => Assert.InRange(Changing + Looking, 10_000, int.MaxValue);

    private async Task<CallToolResult> CallAsync(Tool tool, JsonObject arguments)
    {
        Interlocked.Increment(ref _calls);
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
}
