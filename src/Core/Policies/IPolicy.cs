using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>Orders the tasks that wait, and picks CPU, slice and place in the run queue for each.</summary>
/// <remarks>
/// <para>There is an instance for each dispatch loop, called by that loop's thread only, so it needs no lock; what several share
/// is its own affair. It must not allocate, block or log. Per round of the loop:
/// <see cref="Enqueue"/> for each task that was parked since the last one, then <see cref="TryDequeue"/> until it returns
/// false, each time followed by <see cref="SelectCpu"/>, <see cref="SelectSlice"/> and <see cref="SelectVtime"/> for the task
/// that it named. The last three have defaults: a policy that only orders tasks has three members.</para>
/// <para>A task is known by its ticket, a number that is its own from <see cref="Enqueue"/> to <see cref="TryDequeue"/> and
/// then given to another. What identifies the task in the kernel stays with the loop, so that a policy cannot mix tasks up.</para>
/// <para>Whatever it does wrong, no task is lost: one that it delays is taken by the kernel side in its own order. A policy
/// that throws, names a ticket that does not wait with it (twice the same, or made up), keeps a task for a second,
/// miscounts, or picks a CPU or slice that cannot exist is not asked again, and the reason is reported.</para>
/// </remarks>
public interface IPolicy
{
    /// <summary>Tasks taken in and not given back yet.</summary>
    int Count { get; }

    /// <summary>Takes in a task that was parked.</summary>
    /// <param name="ticket">Its number, 0 to <see cref="PolicyNames.Capacity"/> - 1.</param>
    /// <param name="notice">What the kernel side knows of it; <see cref="DispatchContext.NoticeOf"/> gives it later.</param>
    /// <param name="context">The present.</param>
    /// <returns>False when it is full, or leaves this task to the kernel's own order.</returns>
    bool Enqueue(int ticket, in Notice notice, in DispatchContext context);

    /// <summary>Names the task that should run next, and forgets it.</summary>
    /// <param name="context">The present.</param>
    /// <param name="ticket">The number that it was enqueued with.</param>
    /// <returns>False when none should, now.</returns>
    bool TryDequeue(in DispatchContext context, out int ticket);

    /// <summary>The CPU that the task should run on; by default any.</summary>
    /// <returns>
    /// <see cref="Verdict.AnyCpu"/>, or 0 to <see cref="DispatchContext.CpuIds"/> - 1. If that CPU is offline, or not one of
    /// the task's, the verdict is refused and the kernel side takes the task in its own order.
    /// </returns>
    int SelectCpu(in Notice notice, in DispatchContext context) => Verdict.AnyCpu;

    /// <summary>How long it may run before the next one's turn; by default its directive's slice, else a share of the longest.</summary>
    /// <returns><see cref="Verdict.SliceMinNs"/> to <see cref="Verdict.SliceMaxNs"/>.</returns>
    ulong SelectSlice(in Notice notice, in DispatchContext context) => context.SliceFor(notice, Count + 1);

    /// <summary>
    /// Its key in the run queue, which it shares with tasks that the kernel side put there; smaller runs first. By default
    /// its place in the kernel side's own order.
    /// </summary>
    /// <returns>Within 1 s of <see cref="DispatchContext.VtimeNow"/>; what is further away counts as that.</returns>
    ulong SelectVtime(in Notice notice, in DispatchContext context) => notice.Vtime;
}
