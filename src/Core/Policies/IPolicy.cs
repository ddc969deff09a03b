using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>Orders the tasks that wait, and picks CPU and slice for each.</summary>
/// <remarks>
/// Called by the dispatch thread only. Must not allocate, lock, block or log. Whatever it does wrong, a task that it
/// loses or delays is taken by the kernel in its own order; if it throws, or its <see cref="Count"/> does not fit what went
/// in and came out, it is not asked again.
/// </remarks>
public interface IPolicy
{
    /// <summary>Takes in a task that was parked.</summary>
    /// <returns>False when it is full, or leaves this task to the kernel's own order.</returns>
    bool Enqueue(in Notice notice, in DispatchContext context);

    /// <summary>Gives the verdict for the task that should run next.</summary>
    /// <returns>False when none should, now.</returns>
    bool TryDequeue(in DispatchContext context, out Verdict verdict);

    /// <summary>Tasks taken in and not given back yet.</summary>
    int Count { get; }
}
