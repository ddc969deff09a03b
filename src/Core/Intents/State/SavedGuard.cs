using Coxswain.Core.Observe;

namespace Coxswain.Core.Intents.State;

/// <summary>The condition of a change.</summary>
/// <param name="Metric">See <see cref="IntentGuard.Metric"/>.</param>
/// <param name="Workload">See <see cref="GuardWorkload.Text"/>.</param>
/// <param name="WorseThan">See <see cref="IntentGuard.WorseThanUs"/>, µs.</param>
/// <param name="ForSeconds">See <see cref="IntentGuard.ForSeconds"/>, s.</param>
public sealed record SavedGuard(ObservedMeasure Metric, string Workload, int WorseThan, int ForSeconds)
{
    internal static SavedGuard Of(IntentGuard guard) => new(guard.Metric, guard.Workload.Text, guard.WorseThanUs, guard.ForSeconds);

    // What it says is checked as that of any request.
    internal IntentGuard ToGuard() => new(
        Metric,
        GuardWorkload.TryParse(Workload ?? "", out var problem) ?? throw new IntentRejectedException(RejectionCause.Invalid, $"guard.workload{problem}"),
        WorseThan, ForSeconds);
}
