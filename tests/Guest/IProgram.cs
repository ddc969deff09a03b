namespace Coxswain.Guest;

/// <summary>A program of the workload that runs somewhere and talks in lines.</summary>
internal interface IProgram : IDisposable
{
    /// <summary>Its processes, as this machine numbers them.</summary>
    IReadOnlyList<int> Pids { get; }

    Task<string> ReadLineAsync(TimeSpan limit);

    Task WriteLineAsync(string line);
}
