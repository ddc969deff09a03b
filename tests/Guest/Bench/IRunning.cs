namespace Coxswain.Guest.Bench;

/// <summary>A scheduler while it is at work.</summary>
internal interface IRunning : IAsyncDisposable
{
    /// <summary>The client of our server; null under another scheduler.</summary>
    Demo.Agent? Agent { get; }

    /// <summary>Does what it can for these wishes. Not for those who start later.</summary>
    Task GrantAsync(IReadOnlyList<Wish> wishes);
}
