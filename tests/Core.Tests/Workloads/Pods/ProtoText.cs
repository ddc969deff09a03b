using System.Text;

namespace Coxswain.Core.Tests.Workloads.Pods;

/// <summary>Writes protobuf messages field by field.</summary>
internal static class ProtoText
{
    public static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Varint(content.Length), .. content];

    public static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    public static byte[] Field(int number, int value) => [(byte)(number << 3), .. Varint(value)];

    public static byte[] Pod(string sandbox, string name, string uid, string space, params (string Key, string Value)[] labels) => Field(1,
    [
        .. Field(1, sandbox),
        .. Field(2, [.. Field(1, name), .. Field(2, uid), .. Field(3, space), .. Field(4, 1)]),
        .. Field(3, 0),
        .. Field(4, 1234567),
        .. labels.SelectMany(label => Field(5, [.. Field(1, label.Key), .. Field(2, label.Value)])),
        .. Field(6, [.. Field(1, "annotation"), .. Field(2, "ignored")]),
    ]);

    public static byte[] Container(string id, string sandbox) =>
        Field(1, [.. Field(1, id), .. Field(2, sandbox), .. Field(3, Field(1, "main")), .. Field(6, 1)]);

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
