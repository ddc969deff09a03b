using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>First come, first served; a high task goes before those of the other classes that wait, a low one after.</summary>
internal sealed unsafe class FifoPolicy(int capacity) : IPolicy, IDisposable
{
    /// <summary>How much earlier a high task, and later a low one, counts as having come, ns.</summary>
    private const long ClassStepNs = 10_000_000;

    private readonly NoticeHeap _heap = new(capacity);
    private ulong _key;

    public int Count => _heap.Count;

    public bool Enqueue(in Notice notice, in DispatchContext context)
    {
        long step = notice.Class switch
        {
            SchedulingClass.High => -ClassStepNs,
            SchedulingClass.Low => ClassStepNs,
            _ => 0,
        };
        return _heap.TryPush(notice.ParkedNs + (ulong)step, notice);
    }

    public bool TryDequeue(in DispatchContext context, out Verdict verdict)
    {
        int waiting = _heap.Count;
        Notice* notice = _heap.Pop();
        if (notice == null)
        {
            verdict = default;
            return false;
        }
        // The run queue is ordered by vtime and shared with tasks that the kernel side put there: a key that
        // increases by one from the clock on keeps our order and lets them in between.
        _key = (long)(context.VtimeNow - _key) > 0 ? context.VtimeNow : _key + 1;
        verdict = Verdict.For(*notice, _key, context.SliceFor(*notice, waiting));
        return true;
    }

    public void Dispose() => _heap.Dispose();
}
