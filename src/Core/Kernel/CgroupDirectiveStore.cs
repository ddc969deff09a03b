using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>Directives in BPF cgroup storage, reached through a descriptor of the cgroup's directory.</summary>
internal sealed unsafe class CgroupDirectiveStore(SchedulerProgram program) : ICgroupDirectiveStore
{
    private ulong _generation;

    public bool TryWriteCgroup(string path, in Directive directive)
    {
        int cgroup = Open(path);
        Directive value;
        bool had = cgroup >= 0 && LibBpf.bpf_map_lookup_elem(program.CgroupDirectivesFd, &cgroup, &value) == 0;
        value = directive with { Generation = ++_generation };
        bool written = cgroup >= 0 && Close(cgroup, LibBpf.bpf_map_update_elem(program.CgroupDirectivesFd, &cgroup, &value, 0), "write");
        if (written && !had)
        {
            // Before the directive is published: while this is 0 no task looks for one.
            Interlocked.Increment(ref program.Control.Pointer->NrCgroupDirectives);
        }
        return written;
    }

    public bool TryReadCgroup(string path, out Directive directive)
    {
        directive = default;
        int cgroup = Open(path);
        fixed (Directive* value = &directive)
        {
            return cgroup >= 0 && Close(cgroup, LibBpf.bpf_map_lookup_elem(program.CgroupDirectivesFd, &cgroup, value), "read");
        }
    }

    public bool TryRemoveCgroup(string path)
    {
        int cgroup = Open(path);
        bool removed = cgroup >= 0 && Close(cgroup, LibBpf.bpf_map_delete_elem(program.CgroupDirectivesFd, &cgroup), "remove");
        if (removed)
        {
            // A cgroup that was deleted took its directive along; the count stays too high then, which costs look-ups, no more.
            Interlocked.Decrement(ref program.Control.Pointer->NrCgroupDirectives);
        }
        return removed;
    }

    /// <summary>-1 when there is no such directory.</summary>
    private static int Open(string path) => LibC.open(path, LibC.OpenDirectory | LibC.OpenCloseOnExec);

    private static bool Close(int cgroup, int result, string what)
    {
        _ = LibC.close(cgroup);
        return result switch
        {
            0 => true,
            -LibC.Enoent => false,
            _ => throw new SchedulerUnavailableException(
                $"The kernel did not {what} the directive of a cgroup: {Marshal.GetPInvokeErrorMessage(-result)} (errno {-result})."),
        };
    }
}
