using Coxswain.Core.Observe.Experiments;

namespace Coxswain.Core.Intents.Experiments;

/// <summary>One experiment that goes on, as it was at one moment.</summary>
/// <param name="Id">Handle, e.g. exp_7f2kq; no two that go on share one.</param>
/// <param name="Request">What is tried, on whom, and how it is judged.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Progress">How far it is; null before its first period.</param>
/// <param name="ChangeId">The change by which it is switched on; empty while it is off.</param>
public sealed record RunningExperiment(string Id, ExperimentRequest Request, DateTimeOffset StartedAt, ExperimentProgress? Progress, string ChangeId);
