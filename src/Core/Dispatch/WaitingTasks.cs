using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Dispatch;

/// <summary>
/// The tasks that wait with the policy, by ticket, and in order of arrival. Unmanaged memory of fixed size; allocates
/// nothing after creation.
/// </summary>
internal sealed unsafe class WaitingTasks : IDisposable
{
    private const int None = -1;
    private const int Free = -2;
    private readonly Pages _noticePages;
    private readonly Pages _linkPages;
    private Notice* _notices;
    private Link* _links;
    private int _free = None;
    private int _untouched;
    private int _newest = None;

    public WaitingTasks(int capacity)
    {
        Capacity = capacity;
        _noticePages = new Pages((long)capacity * sizeof(Notice));
        _noticePages.Touch();
        _notices = (Notice*)_noticePages.Bytes;
        _linkPages = new Pages((long)capacity * sizeof(Link));
        _links = (Link*)_linkPages.Bytes;
        for (int i = 0; i < capacity; i++)
        {
            _links[i] = new Link { Newer = None, Older = Free };
        }
    }

    public int Capacity { get; private set; }

    public int Count { get; private set; }

    /// <summary>The notices, indexed by ticket.</summary>
    public Notice* Notices => _notices;

    /// <summary>Ticket of the task that has waited longest; -1 when none waits.</summary>
    public int Oldest { get; private set; } = None;

    /// <summary>When a waiting task was taken in.</summary>
    public ulong TakenInNs(int ticket) => _links[ticket].TakenInNs;

    /// <summary>Gives a task a ticket; -1 when all are in use.</summary>
    public int Add(Notice* notice, ulong nowNs)
    {
        int ticket = _free;
        Link* link = _links + ticket;
        if (ticket != None)
        {
            _free = link->Newer;
        }
        else if (_untouched < Capacity)
        {
            ticket = _untouched++;
            link = _links + ticket;
        }
        else
        {
            return None;
        }
        link->TakenInNs = nowNs;
        link->Newer = None;
        link->Older = _newest;
        if (_newest == None)
        {
            Oldest = ticket;
        }
        else
        {
            _links[_newest].Newer = ticket;
        }
        _newest = ticket;
        _notices[ticket] = *notice;
        Count++;
        return ticket;
    }

    /// <summary>Whether a ticket, which may be any number, is that of a waiting task.</summary>
    public bool Contains(int ticket) => (uint)ticket < (uint)Capacity && _links[ticket].Older != Free;

    /// <summary>Takes the ticket of a waiting task back.</summary>
    public void Remove(int ticket)
    {
        Link* link = _links + ticket;
        if (link->Older == None)
        {
            Oldest = link->Newer;
        }
        else
        {
            _links[link->Older].Newer = link->Newer;
        }
        if (link->Newer == None)
        {
            _newest = link->Older;
        }
        else
        {
            _links[link->Newer].Older = link->Older;
        }
        link->Older = Free;
        link->Newer = _free;
        _free = ticket;
        if (--Count == 0)
        {
            // From the first on again, one after another: in the order in which they came back they would be scattered,
            // and each notice that is taken in would cost a few cache misses.
            _free = None;
            _untouched = 0;
        }
    }

    public void Dispose()
    {
        if (_notices == null)
        {
            return;
        }
        _noticePages.Free();
        _linkPages.Free();
        _notices = null;
        _links = null;
        _free = None;
        _untouched = 0;
        Capacity = 0;
        Count = 0;
        Oldest = None;
    }

    /// <summary>Neighbours in order of arrival; of a free ticket, the next free one.</summary>
    private struct Link
    {
        public ulong TakenInNs;
        public int Newer;
        public int Older;
    }
}
