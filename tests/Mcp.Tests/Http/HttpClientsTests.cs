using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coxswain.Mcp.Tests.Daemon;
using Xunit;

namespace Coxswain.Mcp.Tests.Http;

/// <summary>Clients over HTTP come in numbers, and leave without a word.</summary>
public sealed class HttpClientsTests
{
    private const int Clients = 200;
    private const int MaxIdleSessions = 5;
    private const string Modern = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_status","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";
    private const string List = """{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_that_call_and_vanish_leave_neither_sockets_nor_sessions_behind()
    {
        await using var daemon = await DaemonProcess.StartAsync(
            http: true, config: $"[http]\nmax_requests_per_second = 100000\nmax_idle_sessions = {MaxIdleSessions}\n");
        var before = daemon.Sockets;
        var sessions = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => VanishAsync(daemon, number, sessions)));

        Assert.True(sessions.Count > Clients / 2);
        await UntilAsync(() => Task.FromResult(daemon.Sockets), before, "sockets");
        await UntilAsync(() => LivingAsync(daemon, sessions), MaxIdleSessions, "sessions");
        // It serves others as before.
        await VanishAsync(daemon, 0, []);
    }

    [Fact]
    public async Task One_that_does_not_read_delays_nobody()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true, config: "[http]\nmax_requests_per_second = 100000\n");
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await deaf.ConnectAsync(IPAddress.Loopback, daemon.Port, Cancelled);
        const string list = """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";
        var request = Encoding.UTF8.GetBytes(
            $"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{daemon.Port}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" +
            $"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nContent-Length: {list.Length}\r\n\r\n{list}");
        var sent = 0;
        var sending = Task.Run(
            async () =>
            {
                // Until it is not read from any more: the answers are sixty times as long as the requests, and go nowhere.
                for (; sent < 100_000; sent++)
                {
                    await deaf.SendAsync(request, Cancelled);
                }
            },
            Cancelled);
        for (int before = -1, i = 0; before != sent; i++)
        {
            Assert.True(i < 100, $"{sent} requests, and it is read from still");
            before = sent;
            await Task.Delay(300, Cancelled);
        }

        using var http = new HttpClient();
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 50; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await http.SendAsync(Request(daemon, HttpMethod.Post, Modern, ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "get_status")), Cancelled);
            Assert.Contains("\"attached\":true", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
        }

        // As for the socket: far above what it takes on a busy machine.
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"{slowest}");
        // It was not read from again: either it has been given up by now, or it is waiting still.
        deaf.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
    }

    [Fact]
    public async Task Thousands_leave_no_memory_behind()
    {
        await using var daemon = await DaemonProcess.StartAsync(
            http: true, config: $"[http]\nmax_requests_per_second = 100000\nmax_idle_sessions = {MaxIdleSessions}\n");

        var before = daemon.Sockets;

        await daemon.ForgetsAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => VanishAsync(daemon, number, [])));
            await UntilAsync(() => Task.FromResult(daemon.Sockets), before, "sockets");
        });
    }

    // A client of the newest protocol, one with a session, and one that also listens in its session; each is cut off.
    private static async Task VanishAsync(DaemonProcess daemon, int number, ConcurrentBag<string> sessions)
    {
        using var http = new HttpClient();
        if (number % 3 == 0)
        {
            using var answer = await http.SendAsync(Request(daemon, HttpMethod.Post, Modern, ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "get_status")), Cancelled);
            Assert.Contains("\"attached\":true", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            return;
        }

        using var begun = await http.SendAsync(Request(daemon, HttpMethod.Post, Initialize), Cancelled);
        var session = Assert.Single(begun.Headers.GetValues("Mcp-Session-Id"));
        sessions.Add(session);
        if (number % 3 == 2)
        {
            using var listening = await http.SendAsync(
                Request(daemon, HttpMethod.Get, "", ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")), HttpCompletionOption.ResponseHeadersRead, Cancelled);
            // Where others have come meanwhile, its session may have made room for theirs.
            Assert.True(listening.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{listening.StatusCode}");
        }
    }

    private static async Task<int> LivingAsync(DaemonProcess daemon, IEnumerable<string> sessions)
    {
        using var http = new HttpClient();
        var living = 0;
        foreach (var session in sessions)
        {
            using var answer = await http.SendAsync(Request(daemon, HttpMethod.Post, List, ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")), Cancelled);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{answer.StatusCode}");
            living += answer.IsSuccessStatusCode ? 1 : 0;
        }

        return living;
    }

    private static HttpRequestMessage Request(DaemonProcess daemon, HttpMethod method, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, daemon.Url);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        request.Headers.Add("Accept", method == HttpMethod.Get ? "text/event-stream" : "application/json, text/event-stream");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    // What has been cut off is noticed soon, and not at once.
    private static async Task UntilAsync(Func<Task<int>> count, int most, string what)
    {
        var now = int.MaxValue;
        for (var i = 0; i < 600 && (now = await count()) > most; i++)
        {
            await Task.Delay(100, Cancelled);
        }

        Assert.True(now <= most, $"{now} {what} are left, {most} were there before or are kept");
    }
}
