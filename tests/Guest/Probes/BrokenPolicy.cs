using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>A user's policy with a fault: works for a while, then throws.</summary>
internal sealed class BrokenPolicy : IPolicy
{
    public const string Name = "broken";
    private const int TasksUntilFault = 100;
    private readonly Queue<int> _queue = new();
    private int _seen;

    public int Count => _queue.Count;

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
    {
        if (++_seen == TasksUntilFault)
        {
            throw new InvalidOperationException("a fault in a user's policy");
        }

        _queue.Enqueue(ticket);
        return true;
    }

    public bool TryDequeue(in DispatchContext context, out int ticket) => _queue.TryDequeue(out ticket);
}
