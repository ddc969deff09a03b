using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Coxswain.Core.Kernel.Btf;

/// <summary>Type information of a kernel or a BPF object, as Documentation/bpf/btf.rst describes it.</summary>
/// <remarks>
/// Immutable. Names are looked up by scanning those of a kind: a kernel has some 100,000 types and we ask a dozen times.
/// Outside of the managed heap, as a kernel's is some megabytes, and is wanted once: there they would stay for ever, and locked.
/// </remarks>
internal sealed unsafe class BtfData : IDisposable
{
    private const int HeaderSize = 24;
    private const int TypeHeaderSize = 12;
    private static readonly int s_kinds = Enum.GetValues<BtfKind>().Length;
    private readonly int _length;
    private readonly int _strings;
    private readonly int _count;
    private readonly int[] _firstOfKind = new int[s_kinds + 1];
    private Pages _bytes;
    private Pages _offsets; // of each type id; 0 is void
    private Pages _ids; // those of a kind together, in order

    /// <exception cref="InvalidDataException">These bytes are no BTF.</exception>
    public BtfData(ReadOnlySpan<byte> bytes)
        : this(Copy(bytes), bytes.Length)
    {
    }

    /// <param name="bytes">Becomes ours.</param>
    /// <param name="length">How many there are.</param>
    private BtfData(Pages bytes, int length)
    {
        _bytes = bytes;
        _length = length;
        try
        {
            if (length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(Bytes) != 0xEB9F)
            {
                throw new InvalidDataException("Not BTF: the magic number is missing.");
            }
            int header = Word(4);
            int types = header + Word(8);
            int end = types + Word(12);
            _strings = header + Word(16);
            if (types < 0 || end > length || _strings < 0 || _strings > length)
            {
                throw new InvalidDataException("Damaged BTF: a section lies outside of the data.");
            }
            Span<int> count = stackalloc int[s_kinds];
            count.Clear();
            _count = 1;
            for (int offset = types; offset + TypeHeaderSize <= end; offset += TypeHeaderSize + TrailerSize(offset))
            {
                count[(int)Kind(offset)]++;
                _count++;
            }
            _offsets = new Pages((long)_count * sizeof(int));
            _ids = new Pages((long)_count * sizeof(int));
            int* offsets = _offsets.Numbers, ids = _ids.Numbers;
            offsets[0] = 0;
            for (int kind = 0; kind < s_kinds; kind++)
            {
                _firstOfKind[kind + 1] = _firstOfKind[kind] + count[kind];
            }
            _firstOfKind.AsSpan(0, s_kinds).CopyTo(count);
            for (int id = 1, offset = types; id < _count; id++)
            {
                offsets[id] = offset;
                ids[count[(int)Kind(offset)]++] = id;
                offset += TypeHeaderSize + TrailerSize(offset);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private ReadOnlySpan<byte> Bytes => new(_bytes.Bytes, _length);

    private ReadOnlySpan<int> Offsets => new(_offsets.Bytes, _count);

    /// <summary>Reads a file of it, as /sys/kernel/btf has them.</summary>
    /// <exception cref="InvalidDataException">It is no BTF.</exception>
    public static BtfData Read(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        int length = (int)Math.Min(RandomAccess.GetLength(file), int.MaxValue);
        var bytes = new Pages(length);
        int read = 0;
        try
        {
            for (int more = 1; more > 0 && read < length; read += more)
            {
                more = RandomAccess.Read(file, new Span<byte>(bytes.Bytes + read, length - read), read);
            }
        }
        catch
        {
            bytes.Free();
            throw;
        }
        return new BtfData(bytes, read);
    }

    /// <summary>Members of a structure by name, with their offset in bytes; null when there is no such structure.</summary>
    public IReadOnlyDictionary<string, BtfMember>? Members(string structure)
    {
        int id = Find(BtfKind.Struct, structure);
        return id == 0 ? null : MembersOf(Offsets[id]);
    }

    /// <summary>Size of a structure in bytes; -1 when there is no such structure.</summary>
    public int SizeOfStruct(string structure)
    {
        int id = Find(BtfKind.Struct, structure);
        return id == 0 ? -1 : Word(Offsets[id] + 8);
    }

    /// <summary>The variables of a data section by name, with their offset and size in bytes; empty when there is no such section.</summary>
    public IReadOnlyDictionary<string, BtfMember> Variables(string section)
    {
        var result = new Dictionary<string, BtfMember>();
        int id = Find(BtfKind.DataSection, section);
        if (id == 0)
        {
            return result;
        }
        int offset = Offsets[id];
        for (int i = 0; i < Length(offset); i++)
        {
            int entry = offset + TypeHeaderSize + 12 * i;
            result[Text(Word(Offsets[Word(entry)]))] = new BtfMember(Word(entry + 4), Word(entry + 8));
        }
        return result;
    }

    /// <summary>All enumerators whose name begins with <paramref name="prefix"/>, with their values.</summary>
    public IReadOnlyDictionary<string, ulong> Enumerators(string prefix)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(prefix);
        var result = new Dictionary<string, ulong>();
        foreach (int id in (ReadOnlySpan<int>)[.. IdsOf(BtfKind.Enum), .. IdsOf(BtfKind.Enum64)])
        {
            int offset = Offsets[id];
            BtfKind kind = Kind(offset);
            int step = kind == BtfKind.Enum ? 8 : 12;
            for (int i = 0; i < Length(offset); i++)
            {
                int entry = offset + TypeHeaderSize + step * i;
                int name = Word(entry);
                if (!Bytes[(_strings + name)..].StartsWith(wanted))
                {
                    continue;
                }
                ulong low = (uint)Word(entry + 4);
                result[Text(name)] = kind == BtfKind.Enum ? low : low | (ulong)(uint)Word(entry + 8) << 32;
            }
        }
        return result;
    }

    /// <summary>Names of the last parameter of each function whose name begins with <paramref name="prefix"/>; "" for none.</summary>
    public IReadOnlyDictionary<string, string> LastParameters(string prefix)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(prefix);
        var result = new Dictionary<string, string>();
        foreach (int id in IdsOf(BtfKind.Function))
        {
            int offset = Offsets[id];
            if (!Bytes[(_strings + Word(offset))..].StartsWith(wanted))
            {
                continue;
            }
            int prototype = Offsets[Word(offset + 8)];
            int count = Length(prototype);
            result[Text(Word(offset))] = count == 0 ? "" : Text(Word(prototype + TypeHeaderSize + 8 * (count - 1)));
        }
        return result;
    }

    public void Dispose()
    {
        _bytes.Free();
        _offsets.Free();
        _ids.Free();
        (_bytes, _offsets, _ids) = (default, default, default);
    }

    private static Pages Copy(ReadOnlySpan<byte> bytes)
    {
        var copy = new Pages(bytes.Length);
        bytes.CopyTo(new Span<byte>(copy.Bytes, bytes.Length));
        return copy;
    }

    private Dictionary<string, BtfMember> MembersOf(int offset)
    {
        var result = new Dictionary<string, BtfMember>();
        bool hasBitfields = (Word(offset + 4) & (1 << 31)) != 0;
        for (int i = 0; i < Length(offset); i++)
        {
            int entry = offset + TypeHeaderSize + 12 * i;
            int bits = hasBitfields ? Word(entry + 8) & 0xFFFFFF : Word(entry + 8);
            result[Text(Word(entry))] = new BtfMember(bits / 8, SizeOf(Word(entry + 4)));
        }
        return result;
    }

    private int SizeOf(int id)
    {
        for (int depth = 0; depth < 32 && id > 0 && id < _count; depth++)
        {
            int offset = Offsets[id];
            switch (Kind(offset))
            {
                case BtfKind.Pointer:
                    return 8;
                case BtfKind.Array:
                    return Word(offset + TypeHeaderSize + 8) * SizeOf(Word(offset + TypeHeaderSize));
                case BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable:
                    id = Word(offset + 8);
                    continue;
                default:
                    return Word(offset + 8);
            }
        }
        return 0;
    }

    private int Find(BtfKind kind, string name)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(name + '\0');
        foreach (int id in IdsOf(kind))
        {
            if (Bytes[(_strings + Word(Offsets[id]))..].StartsWith(wanted))
            {
                return id;
            }
        }
        return 0;
    }

    private ReadOnlySpan<int> IdsOf(BtfKind kind) => new(_ids.Numbers + _firstOfKind[(int)kind], _firstOfKind[(int)kind + 1] - _firstOfKind[(int)kind]);

    private int TrailerSize(int offset) => Kind(offset) switch
    {
        BtfKind.Integer or BtfKind.Variable or BtfKind.DeclarationTag => 4,
        BtfKind.Array => 12,
        BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 12 * Length(offset),
        BtfKind.Enum or BtfKind.FunctionPrototype => 8 * Length(offset),
        BtfKind.Pointer or BtfKind.Forward or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict
            or BtfKind.Function or BtfKind.Float or BtfKind.TypeTag => 0,
        var kind => throw new InvalidDataException($"BTF kind {(int)kind} is newer than this program."),
    };

    private BtfKind Kind(int offset) => (BtfKind)(Word(offset + 4) >> 24 & 0x1F);

    private int Length(int offset) => Word(offset + 4) & 0xFFFF;

    private int Word(int offset) => BinaryPrimitives.ReadInt32LittleEndian(Bytes[offset..]);

    private string Text(int name)
    {
        ReadOnlySpan<byte> rest = Bytes[(_strings + name)..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
