using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Tests.Dispatch;

/// <summary>A user's policy, first come first served, with one fault, at its fourth task.</summary>
internal sealed class FaultyPolicy(Fault fault) : IPolicy
{
    private const int FaultyTask = 4;
    private readonly Queue<int> _tickets = new();
    private int _seen;
    private int _lost;
    private int _previous = -1;

    public int Count => _tickets.Count + _lost + (fault == Fault.Miscounts ? 1 : 0);

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
    {
        bool faulty = ++_seen == FaultyTask;
        if (faulty && fault == Fault.Throws)
        {
            throw new InvalidOperationException("a fault in a user's policy");
        }
        if (faulty && fault == Fault.Loses)
        {
            _lost++;
            return true;
        }
        _tickets.Enqueue(ticket);
        return true;
    }

    public bool TryDequeue(in DispatchContext context, out int ticket)
    {
        if (_previous >= 0 && (fault == Fault.RepeatsForEver || (fault == Fault.Repeats && _tickets.TryDequeue(out _))))
        {
            ticket = _previous;
            return true;
        }
        if (!_tickets.TryDequeue(out ticket))
        {
            return false;
        }
        _previous = ticket;
        ticket = fault switch
        {
            Fault.MakesUp => 123_456,
            Fault.MakesUpNegative => -1,
            _ => ticket,
        };
        return true;
    }

    public int SelectCpu(in Notice notice, in DispatchContext context) => fault switch
    {
        Fault.CpuTooLarge => context.CpuIds,
        Fault.CpuNegative => -2,
        _ => Verdict.AnyCpu,
    };

    public ulong SelectSlice(in Notice notice, in DispatchContext context) => fault switch
    {
        Fault.SliceZero => 0,
        Fault.SliceEndless => ulong.MaxValue,
        _ => context.SliceFor(notice, Count + 1),
    };
}
