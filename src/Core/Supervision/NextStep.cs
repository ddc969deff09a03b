namespace Coxswain.Core.Supervision;

/// <summary>What the supervisor does after the scheduler has ended.</summary>
public enum NextStep
{
    /// <summary>It is started again after a pause.</summary>
    StartAgain = 0,

    /// <summary>Somebody ended it on purpose: it stays off until it is asked for.</summary>
    StayOff = 1,

    /// <summary>It failed too often: it stays off until it is asked for.</summary>
    GiveUp = 2,

    /// <summary>Another scheduler has been attached meanwhile: it stays off until it is asked for.</summary>
    GiveWay = 3,
}
