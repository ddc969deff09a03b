using Coxswain.Core.Intents;
using Coxswain.Core.Observe;

namespace Coxswain.Core.Guards;

/// <summary>What guards remember of one active change. Seconds are those of the observer.</summary>
/// <param name="number">Number of the change.</param>
/// <param name="judgeFrom">First second that lies wholly after it.</param>
internal sealed class Watch(uint number, uint judgeFrom)
{
    private long _beforeVersion = -1;
    private Observation? _before;
    private IntentGuard? _guard;

    public uint Number => number;

    public uint JudgeFrom => judgeFrom;

    /// <summary>The seconds before it that it is compared with; null: there are too few.</summary>
    public (uint From, uint To)? Before { get; init; }

    /// <summary>True once it has been compared for as long as it was to be.</summary>
    public bool HasPassed { get; set; }

    /// <summary>Its own condition; another one is judged anew.</summary>
    public IntentGuard? Guard
    {
        get => _guard;
        set
        {
            if (_guard != value)
            {
                (_guard, WorseSeconds, GuardScope) = (value, 0, null);
            }
        }
    }

    /// <summary>Last second in which that was judged.</summary>
    public uint JudgedUntil { get; set; }

    /// <summary>In how many seconds in a row its condition held.</summary>
    public int WorseSeconds { get; set; }

    /// <summary>Waits in these.</summary>
    public long WorseSamples { get; set; }

    /// <summary>The least that was measured in these, ns.</summary>
    public double LeastNs { get; set; }

    /// <summary>Whose waits its condition is about, where it names them.</summary>
    public ObservationScope? GuardScope { get; set; }

    /// <summary>The seconds before it, read again only when other changes than then are active.</summary>
    public Observation ReadBefore(IObserver observer, GuardedChanges changes, ObservationScope bystanders)
    {
        if (_before is null || _beforeVersion != changes.Version)
        {
            _before = observer.Observe(Before!.Value.From, Before.Value.To, bystanders);
            _beforeVersion = changes.Version;
        }

        return _before;
    }
}
