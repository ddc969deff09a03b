using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>
/// Interactive first: of two tasks with the same share the one that runs in shorter bursts. The order of the kernel side
/// itself, so that it matters little which tasks are asked about.
/// </summary>
#pragma warning disable CA1001 // It is disposable; the rule looks at classes only.
internal readonly struct DeadlinePolicy(int capacity) : IPolicy, IDisposable
#pragma warning restore CA1001
{
    private readonly TicketHeap _heap = new(capacity);

    public int Count => _heap.Count;

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context) => _heap.TryPush(notice.Vtime, ticket);

    public bool TryDequeue(in DispatchContext context, out int ticket)
    {
        bool any = _heap.TryPop(out ticket);
        context.Prefetch(_heap.First);
        return any;
    }

    public int SelectCpu(in Notice notice, in DispatchContext context) => Verdict.AnyCpu;

    public ulong SelectSlice(in Notice notice, in DispatchContext context) => context.SliceFor(notice, Count + 1);

    public ulong SelectVtime(in Notice notice, in DispatchContext context) => notice.Vtime;

    public void Dispose() => _heap.Dispose();
}
