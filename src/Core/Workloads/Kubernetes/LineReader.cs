using System.Buffers;

namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>Reads lines of bounded length from a stream.</summary>
internal sealed class LineReader(Stream stream, int maxLength)
{
    private readonly byte[] _buffer = new byte[32 * 1024];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _at;
    private int _end;

    /// <summary>Reads the next line.</summary>
    /// <returns>Without its end; null at the end of the stream, where a line that breaks off is dropped.</returns>
    /// <exception cref="InvalidDataException">It is longer than allowed.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)'\n');
            var length = found >= 0 ? found : _end - _at;
            if (_line.WrittenCount + length > maxLength)
            {
                throw new InvalidDataException();
            }

            _line.Write(_buffer.AsSpan(_at, length));
            if (found >= 0)
            {
                _at += found + 1;
                var line = _line.WrittenSpan.ToArray();
                _line.ResetWrittenCount();
                return line;
            }

            (_at, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false));
            if (_end == 0)
            {
                return null;
            }
        }
    }
}
