using System.Net;
using System.Text;
using Coxswain.Mcp.Tests.Daemon;
using ModelContextProtocol.Client;
using Xunit;

namespace Coxswain.Mcp.Tests.Http;

/// <summary>Over HTTP the caller's trace comes with the request or with the call.</summary>
public sealed class HttpTraceTests
{
    private const string OfRequest = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string OfCall = "0af7651916cd43dd8448eb211c80319c";
    private const int MostMessages = 30;
    private const string Token = "trace_0123456789abcdef01234";
    private const string WithToken = "[http]\ntokens_file = \"DIR/tokens\"\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_traceparent_of_the_request_is_kept_unless_the_call_has_one_of_its_own()
    {
        await using var daemon = await StartAsync("");
        await PrioritizeAsync(daemon, "web", "");
        await PrioritizeAsync(daemon, "data", $"\"traceparent\":\"00-{OfCall}-b7ad6b7169203331-01\",");
        Assert.Equal([OfCall, OfRequest], await TracesAsync(daemon, "2026-07-28"));
    }

    [Fact]
    public async Task Also_in_a_session_of_an_older_client()
    {
        await using var daemon = await StartAsync("");
        await using var client = await ClientAsync(daemon, "2025-11-25", traceparent: true);
        await client.CallToolAsync("prioritize_pods", new Dictionary<string, object?> { ["class"] = "low", ["namespace"] = "web" }, cancellationToken: Cancelled);
        Assert.Equal([OfRequest], await TracesAsync(daemon, "2025-11-25"));
    }

    [Fact]
    public async Task Without_a_traceparent_there_is_none()
    {
        await using var daemon = await StartAsync("");
        await using var client = await ClientAsync(daemon, "2026-07-28", traceparent: false);
        await client.CallToolAsync("prioritize_pods", new Dictionary<string, object?> { ["class"] = "low", ["namespace"] = "web" }, cancellationToken: Cancelled);
        Assert.Equal([null], await TracesAsync(daemon, "2026-07-28"));
    }

    [Fact]
    public async Task Where_spans_are_exported_the_call_is_below_the_request_and_the_request_below_the_caller()
    {
        var port = DaemonProcess.FreePort();
        using var collector = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        collector.Start();
        await using var daemon = await StartAsync($"[metrics]\notlp_endpoint = \"http://127.0.0.1:{port}\"\notlp_protocol = \"http/protobuf\"\notlp_interval_seconds = 1\n");
        await PrioritizeAsync(daemon, "web", "");

        // In the protocol's messages texts and ids are bytes as they are.
        var spans = "";
        for (var i = 0; !spans.Contains("tools/call prioritize_pods", StringComparison.Ordinal) || !spans.Contains("POST /mcp", StringComparison.Ordinal); i++)
        {
            Assert.True(i < MostMessages, spans);
            var request = await collector.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
            using var reader = new StreamReader(request.Request.InputStream, Encoding.Latin1);
            var text = await reader.ReadToEndAsync(Cancelled);
            spans += request.Request.Url!.AbsolutePath == "/v1/traces" ? text : "";
            request.Response.Close();
        }

        Assert.Equal(3, Count(spans, Bytes(OfRequest))); // the two spans, and the call's link to the request
        Assert.Contains(Bytes("00f067aa0ba902b7"), spans, StringComparison.Ordinal);
        Assert.Contains("enduser.id", spans, StringComparison.Ordinal);
        Assert.Contains("token ci", spans, StringComparison.Ordinal);
    }

    private static Task<DaemonProcess> StartAsync(string config) =>
        DaemonProcess.StartAsync(http: true, WithToken + config, ("tokens", $"ci control never {Token}\n"));

    private static async Task PrioritizeAsync(DaemonProcess daemon, string space, string meta)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, daemon.Url)
        {
            Content = new StringContent(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"prioritize_pods\",\"arguments\":{\"class\":\"high\",\"namespace\":\"" + space +
                "\"},\"_meta\":{" + meta + "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
                Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", $"Bearer {Token}");
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "prioritize_pods");
        request.Headers.Add("traceparent", $"00-{OfRequest}-00f067aa0ba902b7-01");
        using var response = await http.SendAsync(request, Cancelled);
        Assert.Contains("chg_", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    private static Task<McpClient> ClientAsync(DaemonProcess daemon, string protocol, bool traceparent)
    {
        var headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {Token}" };
        if (traceparent)
        {
            headers["traceparent"] = $"00-{OfRequest}-00f067aa0ba902b7-01";
        }

        return McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = daemon.Url, AdditionalHeaders = headers, TransportMode = HttpTransportMode.StreamableHttp }),
            new McpClientOptions { ProtocolVersion = protocol }, cancellationToken: Cancelled);
    }

    private static async Task<List<string?>> TracesAsync(DaemonProcess daemon, string protocol)
    {
        await using var client = await ClientAsync(daemon, protocol, traceparent: false);
        var listed = await client.CallToolAsync("list_changes", new Dictionary<string, object?> { ["response_format"] = "detailed" }, cancellationToken: Cancelled);
        return [.. listed.StructuredContent!.Value.GetProperty("changes").EnumerateArray().Select(change => change.TryGetProperty("trace_id", out var id) ? id.GetString() : null)];
    }

    private static string Bytes(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex));

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
