using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Why one thread is scheduled as it is.</summary>
/// <param name="Task">The thread, read with its cgroup.</param>
/// <param name="Pod">The pod that it runs in; null when it runs in none.</param>
/// <param name="Protected">Why no change can touch it; null when one can.</param>
/// <param name="Matches">The active changes that name it, in the order in which they win.</param>
/// <param name="Wanted">What they ask for together; null: nothing.</param>
/// <param name="Own">What the kernel has for the thread itself; null: nothing.</param>
/// <param name="Cgroup">What the kernel has for the nearest directed cgroup; it holds where the thread has nothing itself. Null: nothing.</param>
/// <param name="CgroupPath">That cgroup; empty when there is none.</param>
/// <param name="Agrees">True when what holds in the kernel is what is wanted.</param>
public sealed record TaskExplanation(
    TaskInfo Task, PodInfo? Pod, string? Protected, IReadOnlyList<MatchedChange> Matches, TaskDirective? Wanted, TaskDirective? Own,
    TaskDirective? Cgroup, string CgroupPath, bool Agrees);
