using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>What a selector names right now.</summary>
/// <param name="Target">The selector, bound to identities.</param>
/// <param name="Tasks">The threads that may be changed; never empty.</param>
/// <param name="Skipped">Protected threads that it names as well.</param>
/// <param name="Pods">The pods of these threads, when it names pods; also those without a thread at the moment.</param>
internal sealed record Resolution(
    ResolvedSelector Target, IReadOnlyList<TaskInfo> Tasks, List<SkippedTask> Skipped, IReadOnlyList<PodInfo> Pods)
{
    /// <summary>Threads of this machine that may be changed at all; 0 where threads are named by id.</summary>
    public int Total { get; init; }
}
