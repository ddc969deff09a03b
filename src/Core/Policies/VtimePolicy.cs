using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>Who has used least CPU time, by weight, runs first; classes by their head start. The order of the kernel side itself.</summary>
internal sealed unsafe class VtimePolicy(int capacity) : IPolicy, IDisposable
{
    private readonly NoticeHeap _heap = new(capacity);

    public int Count => _heap.Count;

    // When full the notice is dropped: the lease hands the task to the kernel's order.
    public void Enqueue(in Notice notice, in DispatchContext context) => _heap.TryPush(notice.Vtime, notice);

    public bool TryDequeue(in DispatchContext context, out Verdict verdict)
    {
        int waiting = _heap.Count;
        Notice* notice = _heap.Pop();
        if (notice == null)
        {
            verdict = default;
            return false;
        }
        verdict = new Verdict
        {
            Generation = notice->Generation,
            StartTimeNs = notice->StartTimeNs,
            Pid = notice->Pid,
            Cpu = Verdict.AnyCpu,
            Vtime = notice->Vtime,
            SliceNs = context.SliceFor(*notice, waiting),
        };
        return true;
    }

    public void Dispose() => _heap.Dispose();
}
