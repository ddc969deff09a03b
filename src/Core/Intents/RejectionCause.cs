namespace Coxswain.Core.Intents;

/// <summary>Why an intent was refused; tells a front end what to suggest next.</summary>
public enum RejectionCause
{
    /// <summary>The request itself is wrong.</summary>
    Invalid = 0,

    /// <summary>A named process or thread does not exist, or nothing matches.</summary>
    NoSuchTask = 1,

    /// <summary>What is named is protected.</summary>
    Protected = 2,

    /// <summary>It would exceed a bound of <see cref="Safety.IntentLimits"/>.</summary>
    LimitExceeded = 3,

    /// <summary>The scheduler is not attached.</summary>
    NotAttached = 4,

    /// <summary>No change has this id.</summary>
    UnknownChange = 5,
}
