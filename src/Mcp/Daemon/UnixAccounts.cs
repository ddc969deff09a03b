using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Coxswain.Mcp.Daemon;

/// <summary>What the C library and the kernel say of users, groups and the other end of a socket.</summary>
internal static partial class UnixAccounts
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int SoPeerGroups = 59;
    private const int MaxGroups = 65_536;
    private const int GroupIdOffset = 16; // struct group: two pointers before

    /// <summary>User that this program runs as.</summary>
    public static int OwnUid => (int)GetEffectiveUid();

    /// <summary>Id of a group.</summary>
    /// <returns>Null: there is none of that name.</returns>
    public static int? GroupId(string name)
    {
        // The answer is in memory that the next call uses again.
        lock (typeof(UnixAccounts))
        {
            var group = GetGroup(name);
            return group == 0 ? null : Marshal.ReadInt32(group, GroupIdOffset);
        }
    }

    /// <summary>Process, user and groups at the other end, as they were when it connected.</summary>
    /// <exception cref="SocketException">The kernel does not tell.</exception>
    public static (int Pid, int Uid, IReadOnlyCollection<int> Groups) PeerOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var groups = new byte[MaxGroups * sizeof(int)];
        var length = socket.GetRawSocketOption(SolSocket, SoPeerGroups, groups);
        var all = new HashSet<int> { Number(credentials[8..]) };
        for (var at = 0; at < length; at += sizeof(int))
        {
            all.Add(Number(groups.AsSpan(at)));
        }

        return (Number(credentials), Number(credentials[4..]), all);
    }

    /// <summary>Gives a file to a group.</summary>
    /// <returns>False: it may not be given.</returns>
    public static bool TryGiveToGroup(string path, int group) => ChangeOwner(path, -1, group) == 0;

    /// <summary>Sets what new files of this process may not allow; returns what it was.</summary>
    public static int SetMask(int mask) => ChangeMask(mask);

    private static int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUid();

    [LibraryImport("libc", EntryPoint = "getgrnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetGroup(string name);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int owner, int group);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial int ChangeMask(int mask);
}
