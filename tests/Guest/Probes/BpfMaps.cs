using System.Runtime.InteropServices;
using System.Text;

namespace Coxswain.Guest.Probes;

/// <summary>The BPF maps and programs of the whole machine, seen from outside of the process that made them.</summary>
internal static unsafe partial class BpfMaps
{
    private const string Library = "coxswain_native";

    [LibraryImport(Library)]
    private static partial int bpf_map_get_next_id(uint start, uint* next);

    [LibraryImport(Library)]
    private static partial int bpf_prog_get_next_id(uint start, uint* next);

    [LibraryImport(Library)]
    private static partial int bpf_map_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    private static partial int bpf_prog_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    private static partial int bpf_obj_get_info_by_fd(int fd, void* info, uint* length);

    [LibraryImport(Library)]
    private static partial int bpf_map_get_next_key(int fd, void* key, void* next);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    public static int CountMaps() => Count(&bpf_map_get_next_id);

    public static int CountPrograms() => Count(&bpf_prog_get_next_id);

    /// <summary>A descriptor of the newest map with that name and value size, as the kernel may not have let go of an older one yet; -1 when there is none.</summary>
    public static int Open(string name, int valueSize)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(name);
        int newest = -1;
        for (uint id = 0; bpf_map_get_next_id(id, &id) == 0;)
        {
            int fd = bpf_map_get_fd_by_id(id);
            if (fd < 0)
            {
                continue;
            }

            MapInfo info = default;
            uint length = (uint)sizeof(MapInfo);
            if (bpf_obj_get_info_by_fd(fd, &info, &length) == 0 && info.ValueSize == valueSize
                && new ReadOnlySpan<byte>(info.Name, 16).StartsWith(wanted))
            {
                (newest, fd) = (fd, newest);
            }

            if (fd >= 0)
            {
                _ = close(fd);
            }
        }

        return newest;
    }

    /// <summary>How many entries a map may have.</summary>
    public static int MostEntries(int fd)
    {
        MapInfo info = default;
        uint length = (uint)sizeof(MapInfo);
        return bpf_obj_get_info_by_fd(fd, &info, &length) == 0 ? (int)info.MaxEntries : throw new GuestException("the kernel tells nothing of a map");
    }

    /// <summary>How many entries a hash map has; about, while others write it.</summary>
    /// <param name="fd">Its descriptor.</param>
    /// <param name="keySize">Bytes of a key.</param>
    public static int CountEntries(int fd, int keySize)
    {
        byte* key = stackalloc byte[keySize];
        int most = MostEntries(fd);
        int count = 0;
        // One that is deleted meanwhile makes the kernel begin anew.
        for (int error = bpf_map_get_next_key(fd, null, key); error == 0 && count < most; error = bpf_map_get_next_key(fd, key, key))
        {
            count++;
        }

        return count;
    }

    /// <summary>A descriptor of the program with that name, of which the kernel keeps 15 characters; -1 when there is none.</summary>
    public static int OpenProgram(string name)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(name);
        for (uint id = 0; bpf_prog_get_next_id(id, &id) == 0;)
        {
            int fd = bpf_prog_get_fd_by_id(id);
            if (fd < 0)
            {
                continue;
            }

            ProgramInfo info = default;
            uint length = (uint)sizeof(ProgramInfo);
            if (bpf_obj_get_info_by_fd(fd, &info, &length) == 0 && new ReadOnlySpan<byte>(info.Name, 16).StartsWith(wanted))
            {
                return fd;
            }

            _ = close(fd);
        }

        return -1;
    }

    private static int Count(delegate*<uint, uint*, int> next)
    {
        int count = 0;
        for (uint id = 0; next(id, &id) == 0;)
        {
            count++;
        }

        return count;
    }

    /// <summary>Beginning of <c>struct bpf_map_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MapInfo
    {
        public uint Type;
        public uint Id;
        public uint KeySize;
        public uint ValueSize;
        public uint MaxEntries;
        public uint Flags;
        public fixed byte Name[16];
    }

    /// <summary>Beginning of <c>struct bpf_prog_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramInfo
    {
        public fixed byte Before[64];
        public fixed byte Name[16];
    }
}
