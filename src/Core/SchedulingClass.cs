namespace Coxswain.Core;

/// <summary>How urgent a task is. One meaning in every mode; the order of the values is the order of urgency.</summary>
/// <remarks>Values are those of <c>enum cox_class</c> in bpf/wire.h.</remarks>
public enum SchedulingClass : uint
{
    /// <summary>No class was asked for: the task is treated as <see cref="Normal"/>.</summary>
    Unset = 0,

    /// <summary>Runs when the others leave room; an ageing floor keeps it from starving.</summary>
    Background = 1,

    /// <summary>Gets a quarter of the share of an equal normal task.</summary>
    Low = 2,

    /// <summary>What every task is without a directive.</summary>
    Normal = 3,

    /// <summary>Shorter deadline than normal tasks; the same long-term share.</summary>
    High = 4,

    /// <summary>Runs before the others and preempts them, as long as it leaves them room.</summary>
    LatencyCritical = 5,
}
