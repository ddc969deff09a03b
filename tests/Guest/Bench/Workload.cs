namespace Coxswain.Guest.Bench;

/// <summary>What runs while one scheduler is looked at.</summary>
internal abstract class Workload : IDisposable
{
    /// <summary>What an operator would ask for here; nothing where there is nothing to prefer.</summary>
    public virtual IReadOnlyList<Wish> Wishes => [];

    /// <summary>Measures once.</summary>
    /// <param name="running">The scheduler that is at work.</param>
    public abstract Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running);

    public abstract void Dispose();
}
