using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>A client over HTTP with one connection of its own, which stays open.</summary>
internal sealed class HttpCaller(int port) : ICaller, IDisposable
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
    private readonly Uri _address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/mcp"));
    private readonly byte[] _body = Encoding.UTF8.GetBytes(StatusCall.Of(1));

    public async Task CallAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(_body) };
        request.Content.Headers.ContentType = s_json;
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "get_status");
        using HttpResponseMessage response = await _http.SendAsync(request);
        StatusCall.Check(await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();
}
