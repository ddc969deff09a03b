using System.Text;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Favourite;

/// <summary>Tasks whose name begins in a certain way go first; every fourth answer is for the one of the others that has waited longest.</summary>
public sealed class FavouritePolicy(string name) : IPolicy, IDisposable
{
    private const int OthersTurn = 4;
    private readonly byte[] _name = Encoding.ASCII.GetBytes(name);
    private readonly TicketHeap _favourites = new(PolicyNames.Capacity);
    private readonly TicketHeap _others = new(PolicyNames.Capacity);
    private int _turn;
    private ulong _vtime;

    public int Count => _favourites.Count + _others.Count;

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
    {
        ReadOnlySpan<byte> comm = notice.Comm;
        return (comm.StartsWith(_name) ? _favourites : _others).TryPush(notice.ParkedNs, ticket);
    }

    public bool TryDequeue(in DispatchContext context, out int ticket)
    {
        bool othersFirst = ++_turn % OthersTurn == 0;
        return othersFirst
            ? _others.TryPop(out ticket) || _favourites.TryPop(out ticket)
            : _favourites.TryPop(out ticket) || _others.TryPop(out ticket);
    }

    /// <summary>Where its data are in the cache, if nobody runs there.</summary>
    public int SelectCpu(in Notice notice, in DispatchContext context) =>
        notice.NrCpusAllowed >= context.Cpus && context.Cpu(notice.Cpu).IsFree ? notice.Cpu : Verdict.AnyCpu;

    /// <summary>In the order of our answers: a favourite before all that wait in the run queue, the others from now on.</summary>
    public ulong SelectVtime(in Notice notice, in DispatchContext context)
    {
        ReadOnlySpan<byte> comm = notice.Comm;
        _vtime = Math.Max(_vtime + 1, context.VtimeNow);
        return comm.StartsWith(_name) ? _vtime - context.SliceMaxNs : _vtime;
    }

    public void Dispose()
    {
        _favourites.Dispose();
        _others.Dispose();
    }
}
