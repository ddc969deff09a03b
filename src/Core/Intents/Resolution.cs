using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>What a selector names right now.</summary>
/// <param name="Target">The selector, bound to identities.</param>
/// <param name="Tasks">The threads that may be changed; never empty.</param>
/// <param name="Skipped">Protected threads that a regex matches as well.</param>
internal sealed record Resolution(ResolvedSelector Target, IReadOnlyList<TaskInfo> Tasks, List<SkippedTask> Skipped);
