using Coxswain.Core.Observe;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The observer of a simulated machine: there is no kernel below it to observe, and that of the machine it runs on is none of its business.</summary>
public sealed class UnobservedNode : IObserver
{
    /// <inheritdoc/>
    public ObserverState State { get; } = new(Running: false, 0, 0, 0, 0, default, 0);

    /// <inheritdoc/>
    public void Start() => throw new ObserverUnavailableException(
        "this machine is simulated and has no kernel that could be observed: run without --simulate to measure a real one; list_tasks and list_pods show here who waits");

    /// <inheritdoc/>
    public Observation Observe(int seconds, ObservationScope scope) => Observe(1, 0, scope);

    /// <inheritdoc/>
    public Observation Observe(uint first, uint last, ObservationScope scope) => new(1, 0, [], [], 0);

    /// <inheritdoc/>
    public IReadOnlyList<ObservedPair> Delays(uint first, uint last, ObservationScope scope) => [];

    /// <inheritdoc/>
    public IReadOnlyList<ObservedPair> Wakes(uint first, uint last) => [];
}
