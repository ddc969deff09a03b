namespace Coxswain.Core.Workloads.Cri;

/// <summary>Reads the fields of one protobuf message, in order. Never reads beyond its bytes, whatever they say.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int MaxVarintBytes = 10;
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Content of the present field when it is text, bytes or a message; else empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <param name="field">Its number.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">This is no protobuf message.</exception>
    public bool Next(out int field)
    {
        Bytes = default;
        field = 0;
        if (_rest.IsEmpty)
        {
            return false;
        }

        var key = Varint();
        field = (int)(key >> 3);
        switch (key & 7)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes = Take(Varint()); break;
            case 5: Take(4); break;
            default: throw new InvalidDataException("unknown wire type");
        }

        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("a number does not end");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new InvalidDataException("a field is longer than its message");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
