using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>Directives in BPF task storage, reached through a descriptor of the thread, which names it for good.</summary>
internal sealed unsafe class DirectiveStore(SchedulerProgram program) : IDirectiveStore
{
    private ulong _generation;

    public bool TryWrite(TaskKey task, in Directive directive)
    {
        using var thread = ThreadHandle.Open(task);
        if (thread is null)
        {
            return false;
        }
        Directive value = directive with { Generation = ++_generation };
        int fd = thread.Fd;
        return Check(LibBpf.bpf_map_update_elem(program.DirectivesFd, &fd, &value, 0), "write");
    }

    public bool TryRead(TaskKey task, out Directive directive)
    {
        directive = default;
        using var thread = ThreadHandle.Open(task);
        if (thread is null)
        {
            return false;
        }
        int fd = thread.Fd;
        fixed (Directive* value = &directive)
        {
            return Check(LibBpf.bpf_map_lookup_elem(program.DirectivesFd, &fd, value), "read");
        }
    }

    public bool TryRemove(TaskKey task)
    {
        using var thread = ThreadHandle.Open(task);
        if (thread is null)
        {
            return false;
        }
        int fd = thread.Fd;
        return Check(LibBpf.bpf_map_delete_elem(program.DirectivesFd, &fd), "remove");
    }

    public void Publish() => Interlocked.Increment(ref program.Control.Pointer->DirectiveGeneration);

    private static bool Check(int result, string what) => result switch
    {
        0 => true,
        -LibC.Esrch or -LibC.Enoent => false, // the task died meanwhile, or has no directive
        _ => throw new SchedulerUnavailableException(
            $"The kernel did not {what} a directive: {Marshal.GetPInvokeErrorMessage(-result)} (errno {-result})."),
    };

    /// <summary>A pidfd of the thread that has the key, never of another one that got its number since.</summary>
    private sealed class ThreadHandle : IDisposable
    {
        private static readonly ProcFile s_proc = new("/proc");

        private ThreadHandle(int fd)
        {
            Fd = fd;
        }

        public int Fd { get; }

        public static ThreadHandle? Open(TaskKey task)
        {
            int fd = LibC.OpenThread(task.Tid);
            if (fd < 0)
            {
                return null;
            }
            // Checked after the descriptor was taken: from here on the number cannot pass to another task.
            var handle = new ThreadHandle(fd);
            if (StartTicks(task.Tid) == task.StartTicks)
            {
                return handle;
            }
            handle.Dispose();
            return null;
        }

        public void Dispose() => _ = LibC.close(Fd);

        // Below task/, where /proc has the thread's own times: the file of the same name above adds up those of the whole
        // process, which for each of ten thousand threads is a hundred million readings.
        private static long StartTicks(int tid)
        {
            Span<byte> line = stackalloc byte[1024];
            return ProcStat.TryParse(s_proc.ReadThread(tid, tid, "stat"u8, line), out ProcStat stat) ? stat.StartTicks : -1;
        }
    }
}
