using System.Buffers.Binary;

namespace Coxswain.Core.Observe;

/// <summary>Entries in the order of their time, in a bounded piece of memory: the newest push the oldest out.</summary>
/// <remarks>Memory is taken as it is needed, up to the bound.</remarks>
internal sealed class CellLog
{
    private const int HeaderBytes = 2 + 4;
    private const int FirstBytes = 64 * 1024;

    private readonly int _most;
    private byte[] _bytes;
    private int _head; // where the oldest begins
    private int _used;

    /// <param name="most">Bytes at most; a power of two from 64 KiB on.</param>
    public CellLog(int most)
    {
        _most = most;
        _bytes = new byte[Math.Min(most, FirstBytes)];
    }

    /// <summary>The second from which on everything is there: that of the oldest entry, or one more when some of its are gone.</summary>
    public uint CompleteFrom { get; private set; }

    /// <summary>Adds an entry.</summary>
    /// <param name="second">Its time; not before that of the last one.</param>
    /// <param name="cell">Its content, at most 4096 bytes.</param>
    public void Append(uint second, ReadOnlySpan<byte> cell)
    {
        var length = HeaderBytes + cell.Length;
        while (_used + length > _bytes.Length)
        {
            if (_bytes.Length < _most)
            {
                Grow();
            }
            else
            {
                DropOldest();
            }
        }

        var at = (_head + _used) & (_bytes.Length - 1);
        if (at + length <= _bytes.Length)
        {
            // Nearly always: this is done for each thread of the machine, each second.
            var entry = _bytes.AsSpan(at, length);
            WriteHeader(entry, second, cell.Length);
            cell.CopyTo(entry[HeaderBytes..]);
        }
        else
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            WriteHeader(header, second, cell.Length);
            Write(at, header);
            Write(at + HeaderBytes, cell);
        }

        _used += length;
    }

    /// <summary>Drops what is older than a second.</summary>
    public void DropBefore(uint second)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        while (_used > 0)
        {
            Read(_head, header);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[2..]) >= second)
            {
                break;
            }

            DropOldest();
        }
    }

    /// <summary>Goes through the entries of a span of seconds, both included, the oldest first.</summary>
    public void Visit(uint from, uint to, Action<uint, ReadOnlySpan<byte>> visitor)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Span<byte> cell = stackalloc byte[4096];
        for (var at = 0; at < _used;)
        {
            Read(_head + at, header);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(header);
            var second = BinaryPrimitives.ReadUInt32LittleEndian(header[2..]);
            if (second > to)
            {
                return;
            }

            if (second >= from)
            {
                Read(_head + at + HeaderBytes, cell[..length]);
                visitor(second, cell[..length]);
            }

            at += HeaderBytes + length;
        }
    }

    private static void WriteHeader(Span<byte> to, uint second, int length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[2..], second);
    }

    private void DropOldest()
    {
        Span<byte> copy = stackalloc byte[HeaderBytes];
        ReadOnlySpan<byte> header = copy;
        if (_head + HeaderBytes <= _bytes.Length)
        {
            header = _bytes.AsSpan(_head, HeaderBytes);
        }
        else
        {
            Read(_head, copy);
        }

        var length = HeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(header);
        CompleteFrom = BinaryPrimitives.ReadUInt32LittleEndian(header[2..]) + 1;
        _head = (_head + length) & (_bytes.Length - 1);
        _used -= length;
    }

    private void Grow()
    {
        var larger = new byte[_bytes.Length * 2];
        Read(_head, larger.AsSpan(0, _used));
        _bytes = larger;
        _head = 0;
    }

    private void Write(int position, ReadOnlySpan<byte> from)
    {
        var at = position & (_bytes.Length - 1);
        var first = Math.Min(from.Length, _bytes.Length - at);
        from[..first].CopyTo(_bytes.AsSpan(at));
        from[first..].CopyTo(_bytes);
    }

    private void Read(int position, Span<byte> to)
    {
        var at = position & (_bytes.Length - 1);
        var first = Math.Min(to.Length, _bytes.Length - at);
        _bytes.AsSpan(at, first).CopyTo(to);
        _bytes.AsSpan(0, to.Length - first).CopyTo(to[first..]);
    }
}
