namespace Coxswain.Guest.Bench;

/// <summary>A scheduler, with what is done by its means for those who are preferred.</summary>
internal abstract class Contender(string name, bool grantsWishes)
{
    /// <summary>In results.</summary>
    public string Name => name;

    /// <summary>False: the scheduler as it is, nobody preferred.</summary>
    public bool GrantsWishes => grantsWishes;

    public abstract Task<IRunning> StartAsync(BenchOptions options);
}

/// <summary>The kernel's own scheduler, and what a user does with it by hand.</summary>
internal sealed class EevdfContender(string name, Action<Wish>? grant = null) : Contender(name, grant is not null)
{
    public override Task<IRunning> StartAsync(BenchOptions options) => Task.FromResult<IRunning>(new Running(grant));

    private sealed class Running(Action<Wish>? grant) : IRunning
    {
        public Demo.Agent? Agent => null;

        public Task GrantAsync(IReadOnlyList<Wish> wishes)
        {
            foreach (Wish wish in wishes)
            {
                grant?.Invoke(wish);
            }
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
