using System.Globalization;
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

        private static long StartTicks(int tid)
        {
            try
            {
                // The name, in brackets, may contain spaces and brackets: count fields from the last one.
                string stat = File.ReadAllText($"/proc/{tid.ToString(CultureInfo.InvariantCulture)}/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return long.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return -1;
            }
        }
    }
}
