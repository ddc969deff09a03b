using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Mcp.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Calls are spans of the caller's trace, named as OpenTelemetry's conventions for MCP name them, and what they did is found again by its id.</summary>
[SupportedOSPlatform("linux")]
public sealed class TraceTests : IDisposable
{
    private const string Span = "00f067aa0ba902b7";
    // Other tests run at the same time: only spans of this trace are this test's.
    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();
    private readonly List<Activity> _spans = [];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("coxswain-trace-");
    private ActivityListener? _listener;

    public void Dispose()
    {
        _listener?.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task A_call_is_a_span_with_the_names_of_the_convention_below_that_of_the_caller(string protocol)
    {
        Listen();
        await using var rig = await StartAsync(protocol);
        await CallAsync(rig, protocol, "get_status", new JsonObject());

        var span = Assert.Single(await EndedAsync(1));
        Assert.Equal(("tools/call get_status", ActivityKind.Server), (span.DisplayName, span.Kind));
        Assert.Equal((_trace, Span), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString()));
        Assert.Equal(
            ("tools/call", "get_status", "execute_tool", "pipe", "1"),
            (Tag(span, "mcp.method.name"), Tag(span, "gen_ai.tool.name"), Tag(span, "gen_ai.operation.name"), Tag(span, "network.transport"), Tag(span, "jsonrpc.request.id")));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task A_refusal_is_the_spans_error_and_a_change_its_result()
    {
        Listen();
        await using var rig = await StartAsync(ToolRig.Legacy);
        rig.Machine.Start(10, "upf");
        await CallAsync(rig, ToolRig.Legacy, "prioritize_tasks", new JsonObject { ["class"] = "high", ["pids"] = new JsonArray(1) });
        var applied = await CallAsync(rig, ToolRig.Legacy, "prioritize_tasks", new JsonObject { ["class"] = "high", ["pids"] = new JsonArray(10) });

        var spans = await EndedAsync(2);
        Assert.Equal(("tool_error", ActivityStatusCode.Error), (Tag(spans[0], "error.type"), spans[0].Status));
        Assert.Equal((null, applied["result"]!["structuredContent"]!["change_id"]!.GetValue<string>()), (Tag(spans[1], "error.type"), Tag(spans[1], "coxswain.change_id")));
    }

    [Fact]
    public async Task The_callers_trace_is_kept_with_the_change_in_the_audit_and_in_the_log()
    {
        var audit = Path.Combine(_directory.FullName, "audit.jsonl");
        await using var rig = await StartAsync(ToolRig.Legacy, audit);
        rig.Machine.Start(10, "upf");
        // Nobody listens to spans, as where nothing is exported.
        await CallAsync(rig, ToolRig.Legacy, "prioritize_tasks", new JsonObject { ["class"] = "high", ["pids"] = new JsonArray(10), ["ttl_seconds"] = 30 });
        await CallAsync(rig, ToolRig.Legacy, "revert", new JsonObject { ["change_ids"] = new JsonArray("chg_nnnnn") }, traceparent: "");
        var listed = await CallAsync(rig, ToolRig.Legacy, "list_changes", new JsonObject { ["response_format"] = "detailed" }, traceparent: "");
        rig.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(_trace, listed["result"]!["structuredContent"]!["changes"]![0]!["trace_id"]!.GetValue<string>());
        var records = (await File.ReadAllLinesAsync(audit, TestContext.Current.CancellationToken)).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal(
            [("applied", _trace), ("call", _trace), ("call", ""), ("ended", "")],
            records.Select(record => (record.GetProperty("event").GetString(), record.TryGetProperty("trace_id", out var id) ? id.GetString() : "")));
        Assert.Contains(rig.Log.Messages, message => message.StartsWith($"Information: prioritize_tasks called by by-hand 1 in trace {_trace}, ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4bf92f3577b34da6\n3ce929d0e0e4736-00f067aa0ba902b7-01")]
    public async Task What_is_no_traceparent_is_passed_over(string traceparent)
    {
        await using var rig = await StartAsync(ToolRig.Legacy);
        rig.Machine.Start(10, "upf");
        await CallAsync(rig, ToolRig.Legacy, "prioritize_tasks", new JsonObject { ["class"] = "high", ["pids"] = new JsonArray(10) }, traceparent);
        var listed = await CallAsync(rig, ToolRig.Legacy, "list_changes", new JsonObject { ["response_format"] = "detailed" }, traceparent: "");
        Assert.Null(listed["result"]!["structuredContent"]!["changes"]![0]!["trace_id"]);
    }

    private void Listen()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CallTrace.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId.ToHexString() == _trace)
                {
                    lock (_spans)
                    {
                        _spans.Add(span);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    // A span ends a moment after the answer has gone.
    private async Task<List<Activity>> EndedAsync(int count)
    {
        var began = Stopwatch.GetTimestamp();
        for (; ; )
        {
            lock (_spans)
            {
                if (_spans.Count >= count)
                {
                    return [.. _spans.OrderBy(span => span.StartTimeUtc)];
                }
            }

            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromMinutes(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<ToolRig> StartAsync(string protocol, string audit = "")
    {
        var rig = await ToolRig.StartWithoutClientAsync(() => new Configuration.Settings(), audit);
        if (protocol == ToolRig.Legacy)
        {
            await rig.ExchangeAsync(Message(0, "initialize", new JsonObject
            {
                ["protocolVersion"] = protocol,
                ["capabilities"] = new JsonObject(),
                ["clientInfo"] = new JsonObject { ["name"] = "by-hand", ["version"] = "1" },
            }));
            await rig.SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "notifications/initialized" });
        }

        return rig;
    }

    private Task<JsonObject> CallAsync(ToolRig rig, string protocol, string tool, JsonObject arguments, string? traceparent = null)
    {
        var meta = new JsonObject();
        if (traceparent != "")
        {
            meta["traceparent"] = traceparent ?? $"00-{_trace}-{Span}-01";
        }

        if (protocol == ToolRig.Modern)
        {
            meta["io.modelcontextprotocol/protocolVersion"] = protocol;
            meta["io.modelcontextprotocol/clientCapabilities"] = new JsonObject();
        }

        return rig.ExchangeAsync(Message(1, "tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments, ["_meta"] = meta }));
    }

    private static JsonObject Message(int id, string method, JsonObject parameters) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };

    private static string? Tag(Activity span, string name) => span.GetTagItem(name)?.ToString();
}
