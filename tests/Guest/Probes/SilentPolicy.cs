using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>A user's policy that takes every task and never says a word about it.</summary>
internal sealed class SilentPolicy : IPolicy
{
    public const string Name = "silent";

    public int Count { get; private set; }

    public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
    {
        Count++;
        return true;
    }

    public bool TryDequeue(in DispatchContext context, out int ticket)
    {
        ticket = 0;
        return false;
    }
}
