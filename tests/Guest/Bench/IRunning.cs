namespace Coxswain.Guest.Bench;

/// <summary>A scheduler while it is at work.</summary>
internal interface IRunning : IAsyncDisposable
{
    /// <summary>The client of our server; null under another scheduler.</summary>
    Demo.Agent? Agent { get; }

    /// <summary>The process that holds our core without a server, and obeys lines; null under another scheduler.</summary>
    Child? Core { get; }

    /// <summary>Does what it can for these wishes. Not for those who start later.</summary>
    Task GrantAsync(IReadOnlyList<Wish> wishes);
}
