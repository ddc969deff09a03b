using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Coxswain.Mcp.Resources;

/// <summary>Somebody who is to be told of changes. What comes while it is being told is told once. Thread-safe.</summary>
/// <param name="uris">The resources that it listens for.</param>
/// <param name="send">Sends it a notification.</param>
internal sealed class Listener(IReadOnlyCollection<string> uris, Func<string, JsonObject, CancellationToken, Task> send)
{
    private readonly HashSet<(string Method, string Uri)> _pending = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public IReadOnlyCollection<string> Uris => uris;

    /// <summary>Whether it listens for changes of the list of tools.</summary>
    public bool Tools { get; init; }

    /// <summary>Whether it listens for changes of the list of prompts.</summary>
    public bool Prompts { get; init; }

    /// <summary>Notes what it is to be told; returns at once.</summary>
    public void Tell(string method, string uri)
    {
        lock (_pending)
        {
            _pending.Add((method, uri));
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Tells it, until it is cancelled or cannot be told any more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _signal.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _signal.Reader.TryRead(out _);
            List<(string Method, string Uri)> told;
            lock (_pending)
            {
                told = [.. _pending];
                _pending.Clear();
            }

            foreach (var (method, uri) in told)
            {
                await send(method, uri.Length > 0 ? new JsonObject { ["uri"] = uri } : [], cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
