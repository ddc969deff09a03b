namespace Coxswain.Core.Kernel;

/// <summary>What the verifier had to do for one program.</summary>
/// <param name="Instructions">Instructions that it went through, along all paths; the kernel's limit is 1,000,000.</param>
/// <param name="TotalStates">States of the program that it made.</param>
/// <param name="PeakStates">States that it kept at one time.</param>
internal sealed record VerifierCost(int Instructions, int TotalStates, int PeakStates);
