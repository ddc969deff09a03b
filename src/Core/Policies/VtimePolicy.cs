using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>Who has used least CPU time, by weight, runs first, however it used it; classes by their head start.</summary>
#pragma warning disable CA1001 // It is disposable; the rule looks at classes only.
internal readonly struct VtimePolicy(int capacity) : IPolicy, IDisposable
#pragma warning restore CA1001
{
    private readonly TicketHeap _heap = new(capacity);

    public int Count => _heap.Count;

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context) => _heap.TryPush(SelectVtime(notice, context), ticket);

    public bool TryDequeue(in DispatchContext context, out int ticket)
    {
        bool any = _heap.TryPop(out ticket);
        context.Prefetch(_heap.First);
        return any;
    }

    public int SelectCpu(in Notice notice, in DispatchContext context) => Verdict.AnyCpu;

    public ulong SelectSlice(in Notice notice, in DispatchContext context) => context.SliceFor(notice, Count + 1);

    /// <summary>As if every burst were of the longest length that counts: so it compares with the kernel side's own keys.</summary>
    public ulong SelectVtime(in Notice notice, in DispatchContext context) =>
        notice.Vtime + context.SliceMaxNs - notice.BurstNs;

    public void Dispose() => _heap.Dispose();
}
