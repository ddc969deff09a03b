using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>A user's policy that takes every task and never says a word about it.</summary>
internal sealed class SilentPolicy : IPolicy
{
    public const string Name = "silent";

    public int Count { get; private set; }

    public bool Enqueue(in Notice notice, in DispatchContext context)
    {
        Count++;
        return true;
    }

    public bool TryDequeue(in DispatchContext context, out Verdict verdict)
    {
        verdict = default;
        return false;
    }
}
