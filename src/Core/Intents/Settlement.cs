namespace Coxswain.Core.Intents;

/// <summary>What it took to bring the kernel in line for one thread.</summary>
internal enum Settlement
{
    /// <summary>Nothing: the kernel has what it should have.</summary>
    Unchanged,

    /// <summary>A directive was written.</summary>
    Written,

    /// <summary>A directive was removed.</summary>
    Removed,

    /// <summary>The thread is no more.</summary>
    Gone,
}
