using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>The BPF programs of the whole machine, whoever loaded them.</summary>
internal static unsafe class LoadedPrograms
{
    private const int NameBytes = 16;

    /// <summary>True when there is a program of a name. Who may not ask is told false.</summary>
    /// <param name="name">ASCII; the kernel keeps 15 characters.</param>
    public static bool Contains(ReadOnlySpan<byte> name)
    {
        for (uint id = 0; LibBpf.bpf_prog_get_next_id(id, &id) == 0;)
        {
            int fd = LibBpf.bpf_prog_get_fd_by_id(id);
            if (fd < 0)
            {
                continue; // gone meanwhile
            }

            ProgramInfo info = default;
            uint size = (uint)sizeof(ProgramInfo);
            bool isRead = LibBpf.bpf_obj_get_info_by_fd(fd, &info, &size) == 0;
            _ = LibC.close(fd);
            var found = new ReadOnlySpan<byte>(info.Name, NameBytes);
            if (isRead && found.StartsWith(name) && found[name.Length] == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Beginning of <c>struct bpf_prog_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramInfo
    {
        public fixed byte Before[64];
        public fixed byte Name[NameBytes];
    }
}
