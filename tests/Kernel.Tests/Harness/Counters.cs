namespace Coxswain.Kernel.Tests.Harness;

/// <summary>The scheduler's counters, summed over CPUs, and the equations that hold among them.</summary>
public sealed class Counters(IReadOnlyDictionary<string, long> values)
{
    public long this[string name] => values.TryGetValue(name, out long value) ? value : throw new GuestException($"no counter '{name}' among {this}");

    public long Moved => this["moved"] + this["moved_late"];

    public long Refused => values.Where(v => v.Key.StartsWith("refused_", StringComparison.Ordinal)).Sum(v => v.Value);

    /// <summary>What holds when the scheduler has been detached: no task is parked any more, no verdict on its way.</summary>
    public void AddUp()
    {
        Assert.True(this["parked"] == this["moved"] + this["taken"] + this["gone"], $"a parking without exactly one end: {this}");
        Assert.True(this["verdicts"] == Moved + Refused, $"a verdict is neither moved nor refused: {this}");
        // One parking can be answered once. Were a stale verdict applied, there would be more moves than parkings.
        Assert.True(Moved <= this["parked"], $"more tasks were moved than were parked: {this}");
        Assert.True(this["fallback"] == 0, $"a task was unknown to the scheduler: {this}");
        Assert.True(this["loop_allocated_bytes"] == 0, $"the dispatch loop allocated memory: {this}");
    }

    public override string ToString() => string.Join(", ", values.Select(v => $"{v.Key}={v.Value}"));
}
