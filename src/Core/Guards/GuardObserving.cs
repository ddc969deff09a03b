namespace Coxswain.Core.Guards;

/// <summary>When the daemon's own guard measures. It compares with what was before a change, which must have been measured.</summary>
public enum GuardObserving
{
    /// <summary>While changes are active, and for some time after clients have called tools, which they do before they change something.</summary>
    Clients = 0,

    /// <summary>While changes are active only: the first change is then not watched.</summary>
    Changes = 1,

    /// <summary>Always.</summary>
    Always = 2,
}
