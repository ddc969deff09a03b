using System.Text;

namespace Coxswain.Guest.Pods;

/// <summary>Writes the fields of a protobuf message, one after the other.</summary>
internal sealed class ProtoWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] Message => [.. _bytes];

    public ProtoWriter Add(int field, string text) => text.Length == 0 ? this : Add(field, Encoding.UTF8.GetBytes(text));

    public ProtoWriter Add(int field, ProtoWriter message) => Add(field, message.Message);

    public ProtoWriter Add(int field, int value)
    {
        Varint((uint)field << 3);
        Varint((uint)value);
        return this;
    }

    /// <summary>A map of texts is a list of pairs.</summary>
    public ProtoWriter Add(int field, IEnumerable<(string Key, string Value)> map)
    {
        foreach ((string key, string value) in map)
        {
            Add(field, new ProtoWriter().Add(1, key).Add(2, value));
        }

        return this;
    }

    private ProtoWriter Add(int field, byte[] bytes)
    {
        Varint(((uint)field << 3) | 2);
        Varint((uint)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    private void Varint(uint value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
