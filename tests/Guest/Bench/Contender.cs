namespace Coxswain.Guest.Bench;

/// <summary>A scheduler, with what is done by its means for those who are preferred.</summary>
internal abstract class Contender(string name, bool grantsWishes)
{
    /// <summary>In results.</summary>
    public string Name => name;

    /// <summary>False: the scheduler as it is, nobody preferred.</summary>
    public bool GrantsWishes => grantsWishes;

    /// <summary>It is our scheduler, whoever loads it.</summary>
    public virtual bool IsOurs => false;

    public abstract Task<IRunning> StartAsync(BenchOptions options);
}
