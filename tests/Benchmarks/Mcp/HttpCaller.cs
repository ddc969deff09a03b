using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>
/// A client over HTTP/1.1 with one connection, which stays open. It does as little as it can: it shares the machine with the server
/// that is measured, and a library for everything that HTTP has would take more of it than the server.
/// </summary>
internal sealed class HttpCaller : ICaller, IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[64 * 1024];

    public HttpCaller(int port)
    {
        string body = StatusCall.Of(1);
        _request = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
            POST /mcp HTTP/1.1
            Host: 127.0.0.1:{port}
            Content-Type: application/json
            Accept: application/json, text/event-stream
            MCP-Protocol-Version: 2026-07-28
            Mcp-Method: tools/call
            Mcp-Name: get_status
            Content-Length: {body.Length}


            """).ReplaceLineEndings("\r\n") + body);
        _socket.Connect(IPAddress.Loopback, port);
    }

    public async Task CallAsync()
    {
        await _socket.SendAsync(_request);
        int length = 0;
        while (!IsWhole(_answer.AsSpan(0, length)))
        {
            int count = await _socket.ReceiveAsync(_answer.AsMemory(length));
            length += count > 0 ? count : throw new InvalidOperationException($"the server has closed the connection after {Encoding.UTF8.GetString(_answer, 0, length)}");
        }

        StatusCall.Check(Encoding.UTF8.GetString(_answer, 0, length));
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        int headers = answer.IndexOf("\r\n\r\n"u8);
        if (headers < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> label = "Content-Length: "u8;
        int at = answer[..headers].IndexOf(label);
        // Without a length it comes in pieces, of which the last is empty.
        return at < 0
            ? answer.EndsWith("\r\n0\r\n\r\n"u8)
            : int.Parse(answer[(at + label.Length)..][..answer[(at + label.Length)..].IndexOf((byte)'\r')], CultureInfo.InvariantCulture) <= answer.Length - headers - 4;
    }
}
