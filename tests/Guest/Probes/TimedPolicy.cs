using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>
/// The order of <c>deadline</c>, with a look at the clock at each step of a task's way through user space. For measurements
/// only: the loop itself looks at the clock once per round.
/// </summary>
internal sealed class TimedPolicy(StepTimes times) : IPolicy, IDisposable
{
    public const string Name = "timed";
    private readonly TicketHeap _heap = new(PolicyNames.Capacity);
    private readonly ulong[] _readNs = new ulong[PolicyNames.Capacity];
    private readonly ulong[] _writtenNs = new ulong[Batch.Max];
    private int _written;
    private int _ticket;

    /// <remarks>The loop asks for it after it has given the verdicts of a round to the kernel: they are applied by now.</remarks>
    public int Count
    {
        get
        {
            EndBatch();
            return _heap.Count;
        }
    }

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
    {
        ulong now = MonotonicClock.NowNs;
        _readNs[ticket] = now;
        times.NoticeToRead.Add((long)(now - notice.ParkedNs));
        return _heap.TryPush(notice.Vtime, ticket);
    }

    public bool TryDequeue(in DispatchContext context, out int ticket)
    {
        if (_written == Batch.Max)
        {
            EndBatch();
        }

        bool any = _heap.TryPop(out ticket);
        _ticket = ticket;
        return any;
    }

    public ulong SelectSlice(in Notice notice, in DispatchContext context) => context.SliceFor(notice, _heap.Count + 1);

    public ulong SelectVtime(in Notice notice, in DispatchContext context)
    {
        ulong now = MonotonicClock.NowNs;
        _writtenNs[_written++] = now;
        times.ReadToVerdict.Add((long)(now - _readNs[_ticket]));
        return notice.Vtime;
    }

    public void Dispose() => _heap.Dispose();

    private void EndBatch()
    {
        ulong now = _written > 0 ? MonotonicClock.NowNs : 0;
        for (int i = 0; i < _written; i++)
        {
            times.VerdictToApplied.Add((long)(now - _writtenNs[i]));
        }

        _written = 0;
    }
}
