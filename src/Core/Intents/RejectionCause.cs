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

    /// <summary>No pod of this machine is named.</summary>
    NoSuchPod = 6,

    /// <summary>Somebody else's change holds for the same pods.</summary>
    Conflict = 7,

    /// <summary>The plan is unknown, too old, or no longer fits what is there.</summary>
    StalePlan = 8,

    /// <summary>It is so large that it must be confirmed.</summary>
    Unconfirmed = 9,

    /// <summary>A CPU that this machine does not have, or that is offline.</summary>
    NoSuchCpu = 10,

    /// <summary>Nothing may be changed.</summary>
    ReadOnly = 11,

    /// <summary>It has a guard, and what that looks at cannot be measured.</summary>
    Unobservable = 12,
}
