namespace Coxswain.Core.Intents;

/// <summary>What made a guard take a change back.</summary>
public enum GuardTrigger
{
    /// <summary>The change's own condition: <see cref="IntentGuard"/>.</summary>
    Condition = 0,

    /// <summary>Workloads that no change touches wait much longer than before it.</summary>
    Bystanders = 1,

    /// <summary>The kernel ended the scheduler for an error.</summary>
    Ejected = 2,
}
