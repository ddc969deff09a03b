using Coxswain.Core;
using Coxswain.Mcp.Commands.Remote;
using Coxswain.Mcp.Documents;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What people's commands make of a server's answers.</summary>
public sealed class RemoteCommandTests : IAsyncLifetime
{
    private const string Strategies =
        """{"strategies":{"default":[{"priority":true,"execution_time":5000000,"selectors":[{"key":"app","value":"upf"}],"command_regex":"upf","colour":"red"}]}}""";

    private ToolRig _rig = null!;
    private DaemonClient _client = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(10, "upf", "free5gc", "upf-0", ("app", "upf"));
        _rig.Machine.Start(50, "nginx");
        _client = new DaemonClient(_rig.Client, null);
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Apply_tells_what_each_field_became()
    {
        var output = new StringWriter();
        ApplyCommand.Print(await ApplyAsync(Strategies), output);
        var text = output.ToString();
        Assert.StartsWith("strategies.default[0]: applied chg_", text, StringComparison.Ordinal);
        Assert.Contains("  names: labels app=upf command upf\n  threads: 2\n  pods: 1\n", text, StringComparison.Ordinal);
        Assert.Contains("  priority=true: class latency_critical\n  execution_time=5000000: slice_us 5000\n", text, StringComparison.Ordinal);
        Assert.Contains("  not understood: colour: unknown; known are priority", text, StringComparison.Ordinal);
        Assert.Equal(SchedulingClass.LatencyCritical, _rig.Kernel.Of(10)!.Value.Class);
    }

    [Fact]
    public async Task Apply_with_dry_run_changes_nothing()
    {
        var output = new StringWriter();
        ApplyCommand.Print(await ApplyCommand.RunAsync(_client, Strategies, dryRun: true, 600, replace: false, confirm: false, Cancelled), output);
        Assert.StartsWith("strategies.default[0]: would_apply\n", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task What_get_writes_apply_takes_and_nothing_is_lost(string format)
    {
        await ApplyAsync("""
            changes:
            - {class: high, budget_pct: 30, slice_us: 2000, namespace: free5gc, label_selector: "app=upf", pods: [upf-0], command: "upf|\"x\"", ttl_seconds: 77, until_pods_end: true, reason: "täglich: \"a\" # b"}
            - {cpus: "0", hard: true, pids: [50]}
            - {cpus: "0", hard: false, label_selector: "app in (upf,smf)"}
            """);
        var before = await GetAsync(format);
        Assert.Equal(3, IntentDocument.Read(before, 600).Count);
        Assert.All(IntentDocument.Read(before, 600), entry => Assert.Equal("", entry.Problem));

        await RevertCommand.RunAsync(_client, [], all: true, mine: false, Cancelled);
        Assert.Empty(_rig.Kernel.Held);
        await ApplyAsync(before);
        Assert.Equal(WithoutIds(before), WithoutIds(await GetAsync(format)));
    }

    [Fact]
    public async Task Without_changes_get_writes_a_document_without_changes()
    {
        Assert.Equal("changes: []\n", await GetAsync("yaml"));
        Assert.Equal("{\n  \"changes\": []\n}\n", await GetAsync("json"));
    }

    [Fact]
    public async Task Changes_are_listed_with_what_they_set_and_for_whom()
    {
        await ApplyAsync("changes:\n- {class: low, slice_us: 2000, pids: [50], reason: noisy}\n");
        var output = new StringWriter();
        ChangesCommand.Print(await ChangesCommand.ReadAsync(_client, includeEnded: false, Cancelled), output);
        var lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^chg_\w+  active  low, 2000 µs  pids 50  1 +600 s  test-agent 7  noisy$", lines[1]);
    }

    [Fact]
    public async Task All_pages_of_a_long_list_are_read()
    {
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 90; j++)
            {
                await ApplyAsync($"changes:\n- {{slice_us: {1000 + j}, pids: [50]}}\n");
            }

            await RevertCommand.RunAsync(_client, [], all: true, mine: false, Cancelled);
            _rig.Time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(270, (await ChangesCommand.ReadAsync(_client, includeEnded: true, Cancelled)).Count);
    }

    [Fact]
    public async Task Status_says_first_whether_it_is_attached()
    {
        var output = new StringWriter();
        StatusCommand.Print(await _client.CallAsync("get_status", null, Cancelled), output);
        Assert.StartsWith("attached since 2026-09-01T12:00:00Z, mode assist, policy vtime\nkernel 6.18.44-test, 4 CPUs", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_what_the_server_says()
    {
        var refusal = await Assert.ThrowsAsync<DaemonException>(() => RevertCommand.RunAsync(_client, ["chg_nope"], all: false, mine: false, Cancelled));
        Assert.StartsWith("revert: no change has the id chg_nope", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_daemon_answers_it_is_said_what_to_do()
    {
        var path = Path.Combine(Path.GetTempPath(), $"cox-{Path.GetRandomFileName()}.sock");
        var refusal = await Assert.ThrowsAsync<DaemonException>(() => DaemonClient.ConnectAsync(path, Cancelled));
        Assert.StartsWith($"no daemon answers at {path}", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("coxswain serve starts one, --socket names another", refusal.Message, StringComparison.Ordinal);
    }

    private Task<System.Text.Json.JsonElement> ApplyAsync(string document) =>
        ApplyCommand.RunAsync(_client, document, dryRun: false, 600, replace: false, confirm: false, Cancelled);

    private Task<string> GetAsync(string format) => GetCommand.RunAsync(_client, format, Cancelled);

    private static string WithoutIds(string document) => string.Join('\n', document.Split('\n').Where(line => !line.StartsWith('#')));
}
