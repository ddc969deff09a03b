using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>A client that writes and reads lines, over standard input and output or a socket, and does as little as it can.</summary>
internal sealed class LineClient : IAsyncDisposable
{
    // The server writes it behind the result.
    private const string Prefix = "\"id\":";
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _waiting = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Task _reading;
    private int _last;

    public LineClient(Stream toServer, Stream fromServer)
    {
        (_input, _output) = (toServer, fromServer);
        _reading = ReadAsync();
    }

    public static async Task<LineClient> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new LineClient(stream, stream);
    }

    /// <summary>Calls get_status, and waits for the answer.</summary>
    /// <exception cref="InvalidOperationException">It is not what it should be.</exception>
    public async Task CallAsync() => StatusCall.Check(await AskAsync(StatusCall.Of));

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="request">The request with the id that it is given.</param>
    public async Task<string> AskAsync(Func<int, string> request)
    {
        int id = Interlocked.Increment(ref _last);
        var answer = _waiting[id] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] line = Encoding.UTF8.GetBytes(request(id) + "\n");
        await _writing.WaitAsync();
        try
        {
            await _input.WriteAsync(line);
            await _input.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }

        return await answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _input.DisposeAsync();
        await _reading;
        await _output.DisposeAsync();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        using var reader = new StreamReader(_output, leaveOpen: true);
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                int at = line.LastIndexOf(Prefix, StringComparison.Ordinal) + Prefix.Length;
                int end = line.AsSpan(at).IndexOfAnyExceptInRange('0', '9');
                if (_waiting.TryRemove(int.Parse(line.AsSpan(at, end), CultureInfo.InvariantCulture), out var answer))
                {
                    answer.SetResult(line);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The connection was closed here.
        }

        foreach (var left in _waiting.Values)
        {
            left.TrySetException(new IOException("the server has closed the connection"));
        }
    }
}
