using System.Buffers;

namespace Coxswain.Mcp.Hosting;

/// <summary>Hands lines on, each in one write.</summary>
/// <remarks>The protocol library writes a message and the end of its line apart, which would wake the reader up twice.</remarks>
internal sealed class WholeLineStream(Stream inner) : OutputStream(inner)
{
    private const byte LineEnd = (byte)'\n';

    // What a long answer needed is not kept for as long as the client stays.
    private const int MaxKept = 64 * 1024;
    private ArrayBufferWriter<byte> _begun = new();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only write asynchronously.");

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var isEnd = buffer.Span.EndsWith(LineEnd);
        if (isEnd && _begun.WrittenCount == 0)
        {
            await Inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        _begun.Write(buffer.Span);
        if (!isEnd)
        {
            return;
        }

        try
        {
            await Inner.WriteAsync(_begun.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_begun.Capacity > MaxKept)
            {
                _begun = new ArrayBufferWriter<byte>();
            }
            else
            {
                _begun.ResetWrittenCount();
            }
        }
    }
}
