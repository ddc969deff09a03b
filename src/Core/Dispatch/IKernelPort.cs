using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Dispatch;

/// <summary>What the dispatch loop reads from the kernel and writes to it. Implementations allocate nothing.</summary>
internal unsafe interface IKernelPort
{
    /// <summary>The next notice, or null; valid until <see cref="EndRead"/>.</summary>
    Notice* NextNotice();

    /// <summary>All notices submitted before <paramref name="startedNs"/> have been read.</summary>
    void EndRead(ulong startedNs);

    /// <summary>Where up to <see cref="VerdictCapacity"/> verdicts are written before <see cref="Apply"/>.</summary>
    Verdict* Verdicts { get; }

    int VerdictCapacity { get; }

    /// <summary>Applies the first <paramref name="count"/> verdicts. The first call, of none, also tells the kernel side who we are.</summary>
    void Apply(int count);

    /// <summary>Fills in the present.</summary>
    void Refresh(ref DispatchContext context);
}
