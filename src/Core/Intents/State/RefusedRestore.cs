namespace Coxswain.Core.Intents.State;

/// <summary>A change of an earlier run that could not be put back in force.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Why">Why, as a part of a sentence.</param>
public sealed record RefusedRestore(string Id, string Why);
