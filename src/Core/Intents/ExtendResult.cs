namespace Coxswain.Core.Intents;

/// <summary>Outcome of a change that was given more time.</summary>
/// <param name="Change">The change, as it is now.</param>
/// <param name="ExpiredBefore">When it would have ended.</param>
/// <param name="VisibleInKernel">True when the directive of each of its threads was read back as it was written.</param>
public sealed record ExtendResult(Change Change, DateTimeOffset ExpiredBefore, bool VisibleInKernel);
