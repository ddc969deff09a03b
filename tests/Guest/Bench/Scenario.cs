namespace Coxswain.Guest.Bench;

/// <summary>A workload that is measured under every scheduler.</summary>
/// <param name="Name">In results.</param>
/// <param name="Start">Starts it, not yet measured.</param>
internal sealed record Scenario(string Name, Func<BenchOptions, Task<Workload>> Start)
{
    /// <summary>Only our scheduler can be asked this: there is an agent, or a user space, in it.</summary>
    public bool NeedsAgent { get; init; }

    /// <summary>Nobody is preferred here, so that schedulers with wishes are those without.</summary>
    public bool HasNoWishes { get; init; }

    /// <summary>It asks the core itself, not a server that has it, for what only a process of ours can be made to do.</summary>
    public bool NeedsCore { get; init; }

    /// <summary>A program of others that has to be on PATH; empty: none that may be missing.</summary>
    public string Tool { get; init; } = "";

    /// <summary>That nobody is left unserved meanwhile is what it is about.</summary>
    public bool CountsStalls { get; init; }

    /// <summary>Whether this scheduler has anything to show in it.</summary>
    public bool Takes(Contender contender) =>
        NeedsCore == contender is CoreContender && (!NeedsAgent || contender is CoxswainContender) && (!HasNoWishes || !contender.GrantsWishes);
}
