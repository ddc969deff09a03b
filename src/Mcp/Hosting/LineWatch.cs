using System.Buffers;

namespace Coxswain.Mcp.Hosting;

/// <summary>Puts the bytes that pass through a stream together to lines and shows each to somebody.</summary>
/// <param name="show">Gets a line without its end.</param>
internal sealed class LineWatch(Action<ReadOnlySpan<byte>> show)
{
    // Far above what a request or an answer is; a longer line is not kept in memory a second time, and not shown.
    private const int MaxLine = 4 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _tooLong;

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            Add(bytes[..end]);
            if (!_tooLong && _line.WrittenCount > 0)
            {
                show(_line.WrittenSpan);
            }

            _line.ResetWrittenCount();
            _tooLong = false;
        }

        Add(bytes);
    }

    /// <summary>The stream is over: what stands there without an end is a line too.</summary>
    public void End() => Pass("\n"u8);

    private void Add(ReadOnlySpan<byte> bytes)
    {
        _tooLong |= _line.WrittenCount + bytes.Length > MaxLine;
        if (!_tooLong)
        {
            _line.Write(bytes);
        }
    }
}
