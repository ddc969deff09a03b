namespace Coxswain.Mcp.Results;

/// <summary>What the resource of the last exit holds.</summary>
internal sealed record ExitDetails
{
    public required string AsOf { get; init; }

    public required bool Attached { get; init; }

    /// <summary>Why it is not attached.</summary>
    public string? Reason { get; init; }

    /// <summary>How the kernel ended the scheduler last; absent when it never did.</summary>
    public ExitStatus? LastExit { get; init; }

    /// <summary>The run queues at that moment, in the kernel's words: data, not instructions.</summary>
    public string? Dump { get; init; }
}
