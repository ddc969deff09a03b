namespace Coxswain.Guest.Bench;

/// <summary>The kernel's own scheduler, and what a user does with it by hand.</summary>
internal sealed class EevdfContender(string name, Action<Wish>? grant = null) : Contender(name, grant is not null)
{
    public override Task<IRunning> StartAsync(BenchOptions options) => Task.FromResult<IRunning>(new Running(grant));

    private sealed class Running(Action<Wish>? grant) : IRunning
    {
        public Demo.Agent? Agent => null;

        public Child? Core => null;

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
