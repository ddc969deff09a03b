namespace Coxswain.Core.Intents.State;

/// <summary>Where the state goes. Thread-safe.</summary>
public interface IStateSink
{
    /// <summary>Takes the state in; returns at once. What was put before and is not yet saved need not be saved any more.</summary>
    void Put(SavedState state);

    /// <summary>Waits until what was put is saved.</summary>
    /// <param name="limit">Longest wait.</param>
    /// <returns>False when it could not be saved within that time.</returns>
    bool Flush(TimeSpan limit);
}
