namespace Coxswain.Core.Intents;

/// <summary>Is told what happens to intents, in order and one call at a time. Must return soon and not call back.</summary>
public interface IIntentObserver
{
    /// <summary>A change was applied or renewed.</summary>
    void Applied(Change change, bool renewed);

    /// <summary>A change ended, for whatever cause.</summary>
    void Ended(Change change);

    /// <summary>The scheduler runs again after it had failed, and so many changes are in force again.</summary>
    void Restored(int changes);

    /// <summary>The periodic look at processes failed; it is tried again after a second.</summary>
    void Failed(Exception exception);
}
