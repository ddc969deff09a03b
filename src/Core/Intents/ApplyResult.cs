using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Outcome of an intent that was applied.</summary>
/// <param name="Change">The change, active now.</param>
/// <param name="AlreadyActive">True when it was active before and its lifetime started anew.</param>
/// <param name="Applied">The threads with what was read back from the kernel, in ascending order of process and thread id.</param>
/// <param name="Skipped">The threads that the selector names but that were left alone.</param>
/// <param name="VisibleInKernel">True when each applied thread's directive was read back as it was written.</param>
public sealed record ApplyResult(
    Change Change, bool AlreadyActive, IReadOnlyList<AppliedTask> Applied, IReadOnlyList<SkippedTask> Skipped, bool VisibleInKernel)
{
    /// <summary>The pods that it names now; empty when it does not name pods.</summary>
    public IReadOnlyList<PodInfo> Pods { get; init; } = [];
}
