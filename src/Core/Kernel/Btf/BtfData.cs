using System.Buffers.Binary;
using System.Text;

namespace Coxswain.Core.Kernel.Btf;

/// <summary>Type information of a kernel or a BPF object, as Documentation/bpf/btf.rst describes it.</summary>
/// <remarks>Immutable. Names are looked up by scanning those of a kind: a kernel has some 100,000 types and we ask a dozen times.</remarks>
internal sealed class BtfData
{
    private const int TypeHeaderSize = 12;
    private readonly byte[] _bytes;
    private readonly int _strings;
    private readonly int[] _offsets; // of each type id; 0 is void
    private readonly List<int>[] _idsOfKind = [.. Enum.GetValues<BtfKind>().Select(_ => new List<int>())];

    /// <exception cref="InvalidDataException">These bytes are no BTF.</exception>
    public BtfData(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length < 24 || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != 0xEB9F)
        {
            throw new InvalidDataException("Not BTF: the magic number is missing.");
        }
        int header = Word(4);
        int types = header + Word(8);
        int end = types + Word(12);
        _strings = header + Word(16);
        if (types < 0 || end > bytes.Length || _strings > bytes.Length)
        {
            throw new InvalidDataException("Damaged BTF: a section lies outside of the data.");
        }
        var offsets = new List<int>(capacity: 1024) { 0 };
        for (int offset = types; offset + TypeHeaderSize <= end;)
        {
            int size = TypeHeaderSize + TrailerSize(offset);
            _idsOfKind[(int)Kind(offset)].Add(offsets.Count);
            offsets.Add(offset);
            offset += size;
        }
        _offsets = [.. offsets];
    }

    /// <summary>Members of a structure by name, with their offset in bytes; null when there is no such structure.</summary>
    public IReadOnlyDictionary<string, BtfMember>? Members(string structure)
    {
        int id = Find(BtfKind.Struct, structure);
        return id == 0 ? null : MembersOf(_offsets[id]);
    }

    /// <summary>Size of a structure in bytes; -1 when there is no such structure.</summary>
    public int SizeOfStruct(string structure)
    {
        int id = Find(BtfKind.Struct, structure);
        return id == 0 ? -1 : Word(_offsets[id] + 8);
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
        int offset = _offsets[id];
        for (int i = 0; i < Length(offset); i++)
        {
            int entry = offset + TypeHeaderSize + 12 * i;
            result[Text(Word(_offsets[Word(entry)]))] = new BtfMember(Word(entry + 4), Word(entry + 8));
        }
        return result;
    }

    /// <summary>All enumerators whose name begins with <paramref name="prefix"/>, with their values.</summary>
    public IReadOnlyDictionary<string, ulong> Enumerators(string prefix)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(prefix);
        var result = new Dictionary<string, ulong>();
        foreach (int id in IdsOf(BtfKind.Enum).Concat(IdsOf(BtfKind.Enum64)))
        {
            int offset = _offsets[id];
            BtfKind kind = Kind(offset);
            int step = kind == BtfKind.Enum ? 8 : 12;
            for (int i = 0; i < Length(offset); i++)
            {
                int entry = offset + TypeHeaderSize + step * i;
                int name = Word(entry);
                if (!_bytes.AsSpan(_strings + name).StartsWith(wanted))
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
            int offset = _offsets[id];
            if (!_bytes.AsSpan(_strings + Word(offset)).StartsWith(wanted))
            {
                continue;
            }
            int prototype = _offsets[Word(offset + 8)];
            int count = Length(prototype);
            result[Text(Word(offset))] = count == 0 ? "" : Text(Word(prototype + TypeHeaderSize + 8 * (count - 1)));
        }
        return result;
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
        for (int depth = 0; depth < 32 && id > 0 && id < _offsets.Length; depth++)
        {
            int offset = _offsets[id];
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
            if (_bytes.AsSpan(_strings + Word(_offsets[id])).StartsWith(wanted))
            {
                return id;
            }
        }
        return 0;
    }

    private List<int> IdsOf(BtfKind kind) => _idsOfKind[(int)kind];

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

    private int Word(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset));

    private string Text(int name)
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(_strings + name);
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
