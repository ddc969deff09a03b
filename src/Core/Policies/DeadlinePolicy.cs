using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>
/// Interactive first: of two tasks with the same share the one that runs in shorter bursts. The order of the kernel side
/// itself, so that it matters little which tasks are asked about.
/// </summary>
internal sealed unsafe class DeadlinePolicy(int capacity) : IPolicy, IDisposable
{
    private readonly NoticeHeap _heap = new(capacity);

    public int Count => _heap.Count;

    public bool Enqueue(in Notice notice, in DispatchContext context) => _heap.TryPush(notice.Vtime, notice);

    public bool TryDequeue(in DispatchContext context, out Verdict verdict)
    {
        int waiting = _heap.Count;
        Notice* notice = _heap.Pop();
        if (notice == null)
        {
            verdict = default;
            return false;
        }
        verdict = Verdict.For(*notice, notice->Vtime, context.SliceFor(*notice, waiting));
        return true;
    }

    public void Dispose() => _heap.Dispose();
}
