namespace Coxswain.Core.Kernel;

/// <summary>One change between assist and autonomous.</summary>
/// <param name="AgoNs">How long ago, ns.</param>
/// <param name="Mode">The mode since then: assist or autonomous.</param>
/// <param name="Reason">Why.</param>
/// <param name="Loop">Which dispatch loop, from 0 on; each changes by itself.</param>
public sealed record ModeChange(long AgoNs, string Mode, string Reason, int Loop = 0);
