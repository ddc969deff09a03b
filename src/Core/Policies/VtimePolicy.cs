using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>Who has used least CPU time, by weight, runs first, however it used it; classes by their head start.</summary>
internal sealed unsafe class VtimePolicy(int capacity) : IPolicy, IDisposable
{
    private readonly NoticeHeap _heap = new(capacity);

    public int Count => _heap.Count;

    public bool Enqueue(in Notice notice, in DispatchContext context) => _heap.TryPush(Key(notice, context), notice);

    public bool TryDequeue(in DispatchContext context, out Verdict verdict)
    {
        int waiting = _heap.Count;
        Notice* notice = _heap.Pop();
        if (notice == null)
        {
            verdict = default;
            return false;
        }
        verdict = Verdict.For(*notice, Key(*notice, context), context.SliceFor(*notice, waiting));
        return true;
    }

    public void Dispose() => _heap.Dispose();

    /// <summary>As if every burst were of the longest length that counts: so it compares with the kernel side's own keys.</summary>
    private static ulong Key(in Notice notice, in DispatchContext context) =>
        notice.Vtime + context.SliceMaxNs - Math.Min(notice.RunNs, context.SliceMaxNs);
}
