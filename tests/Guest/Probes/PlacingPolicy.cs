using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>A user's policy that places every task: on a free CPU, else on the one whose task has run longest.</summary>
internal sealed class PlacingPolicy : IPolicy, IDisposable
{
    public const string Name = "placing";
    private readonly TicketHeap _heap = new(PolicyNames.Capacity);

    public int Count => _heap.Count;

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context) => _heap.TryPush(notice.Vtime, ticket);

    public bool TryDequeue(in DispatchContext context, out int ticket) => _heap.TryPop(out ticket);

    public int SelectCpu(in Notice notice, in DispatchContext context)
    {
        if (notice.NrCpusAllowed < context.Cpus)
        {
            return Verdict.AnyCpu;
        }

        int best = Verdict.AnyCpu;
        int online = 0;
        ulong longest = 0;
        for (int cpu = 0; cpu < context.CpuIds; cpu++)
        {
            CpuActivity activity = context.Cpu(cpu);
            online += activity.IsOnline ? 1 : 0;
            if (activity.IsFree)
            {
                return cpu;
            }

            if (activity.IsOnline && !activity.RunsSystem && context.NowNs - activity.RunningSinceNs > longest)
            {
                best = cpu;
                longest = context.NowNs - activity.RunningSinceNs;
            }
        }

        // We run: a machine of which the kernel side says otherwise is not the one that it runs on.
        return online > 0 ? best : throw new InvalidOperationException("no CPU is online");
    }

    public void Dispose() => _heap.Dispose();
}
