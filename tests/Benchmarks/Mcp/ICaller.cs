namespace Coxswain.Benchmarks.Mcp;

/// <summary>Calls get_status over one connection.</summary>
internal interface ICaller
{
    /// <summary>Calls, and waits for the answer.</summary>
    /// <exception cref="InvalidOperationException">It is not what it should be.</exception>
    Task CallAsync();
}
