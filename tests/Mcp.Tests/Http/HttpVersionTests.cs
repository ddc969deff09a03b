using System.Net;
using System.Text;
using System.Text.Json;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Tests.Daemon;
using Xunit;

namespace Coxswain.Mcp.Tests.Http;

/// <summary>What clients of protocol versions that the server does not know are told.</summary>
public sealed class HttpVersionTests
{
    private const string Discover = """{"jsonrpc":"2.0","id":7,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"VERSION","io.modelcontextprotocol/clientCapabilities":{}}}}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_of_a_newer_version_is_told_the_same_versions_by_the_refusal_and_by_discovery()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true);

        var (status, refusal) = await DiscoverAsync(daemon, "2099-01-01");
        var (_, found) = await DiscoverAsync(daemon, ProtocolVersions.Newest);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(7, refusal.GetProperty("id").GetInt32());
        Assert.Equal(-32022, refusal.GetProperty("error").GetProperty("code").GetInt32());
        var data = refusal.GetProperty("error").GetProperty("data");
        Assert.Equal("2099-01-01", data.GetProperty("requested").GetString());
        Assert.Equal([ProtocolVersions.Newest], Texts(data.GetProperty("supported")));
        Assert.Equal([ProtocolVersions.Newest], Texts(found.GetProperty("result").GetProperty("supportedVersions")));
    }

    [Fact]
    public async Task A_client_of_an_unknown_version_with_a_handshake_is_told_those_too()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true);

        var (status, refusal) = await DiscoverAsync(daemon, "2000-01-01");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("2025-11-25", Texts(refusal.GetProperty("error").GetProperty("data").GetProperty("supported")));
    }

    private static IEnumerable<string?> Texts(JsonElement list) => list.EnumerateArray().Select(text => text.GetString());

    private static async Task<(HttpStatusCode Status, JsonElement Message)> DiscoverAsync(DaemonProcess daemon, string version)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, daemon.Url);
        request.Content = new StringContent(Discover.Replace("VERSION", version, StringComparison.Ordinal), Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", version);
        request.Headers.Add("Mcp-Method", "server/discover");
        using var answer = await http.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        // A result comes as one event of a stream, an error as it is.
        return (answer.StatusCode, JsonElement.Parse(text.Split('\n').FirstOrDefault(line => line.StartsWith("data: ", StringComparison.Ordinal))?[6..] ?? text));
    }
}
