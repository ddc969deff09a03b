namespace Coxswain.Guest.Bench;

/// <summary>What runs while one scheduler is looked at.</summary>
internal abstract class Workload : IDisposable
{
    /// <summary>What an operator would ask for here; nothing where there is nothing to prefer.</summary>
    public virtual IReadOnlyList<Wish> Wishes => [];

    /// <summary>Runs as in a measurement, for a while, and nobody looks: caches, queues and averages are then those of work that goes on.</summary>
    public virtual Task WarmUpAsync() => Task.CompletedTask;

    /// <summary>Measures once, after it was warmed up.</summary>
    /// <param name="running">The scheduler that is at work.</param>
    public abstract Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running);

    /// <summary>Tasks of it that did nothing in all of what was measured though they wanted to: the kernel may not have noticed yet.</summary>
    public virtual int Stalled => 0;

    public abstract void Dispose();
}
