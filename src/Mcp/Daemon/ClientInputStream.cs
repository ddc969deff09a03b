using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;

namespace Coxswain.Mcp.Daemon;

/// <summary>What a client sends: in lines of bounded length, and no more of it than is answered.</summary>
/// <param name="inner">The connection.</param>
/// <param name="open">What the client has asked and not been answered yet.</param>
/// <param name="sending">What the client is sent.</param>
/// <param name="maxMessageBytes">Longest line.</param>
/// <remarks>
/// A client that asks without reading the answers is not read from any more: what it asked would pile up in memory. That holds for what
/// is not counted as open as well (subscriptions, what was cancelled, lines that are refused): as long as a write waits for it. Its
/// line that is too long ends the connection: where the next one begins could only be guessed by reading all of it.
/// </remarks>
internal sealed class ClientInputStream(Stream inner, OpenRequests open, ClientOutputStream sending, int maxMessageBytes) : InputStream
{
    /// <summary>Most requests of one client at one time.</summary>
    public const int MaxOpen = 64;

    private readonly LineWatch _lines = new(open.Received);
    private int _lineBytes;

    /// <summary>Whether the client has sent a line that is too long.</summary>
    public bool IsTooLong { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await sending.Written.WaitAsync(cancellationToken).ConfigureAwait(false);
        await open.WhenBelowAsync(MaxOpen).WaitAsync(cancellationToken).ConfigureAwait(false);
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (!IsWithin(buffer.Span[..read]))
        {
            IsTooLong = true;
            return 0;
        }

        _lines.Pass(buffer.Span[..read]);
        return read;
    }

    private bool IsWithin(ReadOnlySpan<byte> bytes)
    {
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            if (_lineBytes + end > maxMessageBytes)
            {
                return false;
            }

            _lineBytes = 0;
        }

        _lineBytes += bytes.Length;
        return _lineBytes <= maxMessageBytes;
    }
}
