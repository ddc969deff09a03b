using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>What a policy may want to know beside the task's notice. The clocks are read once per round; CPUs when asked.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct DispatchContext
{
    /// <summary>CLOCK_MONOTONIC, ns.</summary>
    public ulong NowNs;

    /// <summary>The kernel side's clock of used CPU time: the average vtime of all runnable tasks, by weight.</summary>
    public ulong VtimeNow;

    /// <summary>Longest slice, ns.</summary>
    public ulong SliceMaxNs;

    /// <summary>What no slice is divided below, ns.</summary>
    public ulong SliceMinNs;

    /// <summary>Online CPUs that this loop serves: all, or those of its last-level caches.</summary>
    public int Cpus;

    /// <summary>Ids of CPUs are below this; some may be offline.</summary>
    public int CpuIds;

    internal CpuState* CpuStates;
    internal Notice* Notices;
    internal int Tickets;

    /// <summary>What a CPU does at this moment; it may do something else a moment later.</summary>
    /// <param name="cpu">0 to <see cref="CpuIds"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    public readonly CpuActivity Cpu(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)CpuIds, nameof(cpu));
        return new CpuActivity(CpuStates[cpu]);
    }

    /// <summary>The notice of a task that waits with the policy.</summary>
    /// <param name="ticket">As given to <see cref="IPolicy.Enqueue"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such ticket.</exception>
    public readonly ref readonly Notice NoticeOf(int ticket)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)ticket, (uint)Tickets, nameof(ticket));
        return ref Notices[ticket];
    }

    /// <summary>
    /// Has the notice of the task that will be asked for next on its way to the processor: of thousands, in an order that memory does not have, each
    /// would be waited for.
    /// </summary>
    internal readonly void Prefetch(int ticket)
    {
        if ((uint)ticket < (uint)Tickets)
        {
            byte* notice = (byte*)(Notices + ticket);
            _ = Volatile.Read(ref *notice);
            _ = Volatile.Read(ref *(notice + sizeof(Notice) - 1));
        }
    }

    /// <summary>How long a task has waited so far, ns.</summary>
    public readonly ulong WaitNs(in Notice notice) => (long)(NowNs - notice.ParkedNs) > 0 ? NowNs - notice.ParkedNs : 0;

    /// <summary>
    /// Slice of a task when <paramref name="waiting"/> tasks wait: its directive's, else the longest one shared among them, and
    /// less by weight below nice 0, as the kernel side has it: who came while a batch job runs need not sit out a whole slice of it.
    /// Of any slice the kernel side grants no more than lets each of those who wait have its turn within a second.
    /// </summary>
    public readonly ulong SliceFor(in Notice notice, int waiting)
    {
        if (notice.SliceNs != 0)
        {
            return notice.SliceNs;
        }
        ulong share = SliceMaxNs / (1 + (uint)waiting / (uint)Math.Max(Cpus, 1));
        if (notice.Weight < Notice.NormalWeight)
        {
            share = share * notice.Weight / Notice.NormalWeight;
        }
        return Math.Max(share, SliceMinNs);
    }
}
