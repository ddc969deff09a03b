using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>First come, first served; a high task goes before those of the other classes that wait, a low one after.</summary>
#pragma warning disable CA1001 // It is disposable; the rule looks at classes only.
internal struct FifoPolicy(int capacity) : IPolicy, IDisposable
#pragma warning restore CA1001
{
    /// <summary>How much earlier a high task, and later a low one, counts as having come, ns.</summary>
    internal const long ClassStepNs = 10_000_000;

    private readonly TicketHeap _heap = new(capacity);
    private ulong _key;

    public readonly int Count => _heap.Count;

    public readonly bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
    {
        long step = notice.Class switch
        {
            SchedulingClass.High => -ClassStepNs,
            SchedulingClass.Low => ClassStepNs,
            _ => 0,
        };
        return _heap.TryPush(notice.ParkedNs + (ulong)step, ticket);
    }

    public readonly bool TryDequeue(in DispatchContext context, out int ticket)
    {
        bool any = _heap.TryPop(out ticket);
        context.Prefetch(_heap.First);
        return any;
    }

    public readonly int SelectCpu(in Notice notice, in DispatchContext context) => Verdict.AnyCpu;

    public readonly ulong SelectSlice(in Notice notice, in DispatchContext context) => context.SliceFor(notice, Count + 1);

    public ulong SelectVtime(in Notice notice, in DispatchContext context)
    {
        // The run queue is ordered by vtime and shared with tasks that the kernel side put there: a key that
        // increases by one from the clock on keeps our order and lets them in between.
        _key = (long)(context.VtimeNow - _key) > 0 ? context.VtimeNow : _key + 1;
        return _key;
    }

    public readonly void Dispose() => _heap.Dispose();
}
