using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Tests.Policies;

/// <summary>Gives a policy tickets as the loop does, and collects what it decides.</summary>
internal sealed unsafe class PolicyRig : IDisposable
{
    public const int Capacity = 1024;
    private readonly Notice* _notices = (Notice*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Notice));
    private int _tickets;

    public PolicyRig(string name)
    {
        Policy = name switch
        {
            PolicyNames.Fifo => new FifoPolicy(Capacity),
            PolicyNames.Vtime => new VtimePolicy(Capacity),
            PolicyNames.Deadline => new DeadlinePolicy(Capacity),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
        Context = new DispatchContext
        {
            NowNs = 1_000_000_000,
            VtimeNow = 500_000_000,
            SliceMaxNs = 20_000_000,
            SliceMinNs = 1_000_000,
            Cpus = 2,
            CpuIds = 2,
            Notices = _notices,
            Tickets = Capacity,
        };
    }

    public IPolicy Policy { get; }

    public DispatchContext Context { get; }

    public void Enqueue(in Notice notice)
    {
        _notices[_tickets] = notice;
        Policy.Enqueue(_tickets++, notice, Context);
    }

    public List<Decision> Drain()
    {
        var decisions = new List<Decision>();
        while (Policy.TryDequeue(Context, out int ticket))
        {
            ref readonly Notice notice = ref Context.NoticeOf(ticket);
            decisions.Add(new Decision(ticket, notice.Pid, Policy.SelectCpu(notice, Context),
                Policy.SelectSlice(notice, Context), Policy.SelectVtime(notice, Context)));
        }
        return decisions;
    }

    public void Dispose()
    {
        ((IDisposable)Policy).Dispose();
        NativeMemory.Free(_notices);
    }

    internal readonly record struct Decision(int Ticket, int Pid, int Cpu, ulong SliceNs, ulong Vtime);
}
