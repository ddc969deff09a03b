using System.Text;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>Reads lines and blocks of known length from one stream, to the byte.</summary>
internal sealed class FrameReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next line without its end; null at the end of the stream.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new List<byte>();
        while (_start < _end || await FillAsync(cancellation))
        {
            byte next = _buffer[_start++];
            if (next == (byte)'\n')
            {
                return Encoding.UTF8.GetString([.. line]);
            }

            line.Add(next);
        }

        return null;
    }

    /// <summary>Exactly that many bytes; null when the stream ends before.</summary>
    public async Task<byte[]?> ReadBlockAsync(int length, CancellationToken cancellation)
    {
        byte[] block = new byte[length];
        for (int have = 0; have < length;)
        {
            if (_start == _end && !await FillAsync(cancellation))
            {
                return null;
            }

            int count = Math.Min(length - have, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(block.AsSpan(have));
            _start += count;
            have += count;
        }

        return block;
    }

    private async Task<bool> FillAsync(CancellationToken cancellation)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, cancellation);
        return _end > 0;
    }
}
