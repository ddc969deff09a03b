namespace Coxswain.Core.Observe;

/// <summary>The kernel side of the observer. Used by one thread at a time.</summary>
internal interface IObserverPort : IDisposable
{
    /// <summary>Begins to observe.</summary>
    /// <exception cref="ObserverUnavailableException">It cannot.</exception>
    void Start();

    /// <summary>True when so much has happened that it should be collected before its time.</summary>
    bool IsPressed { get; }

    /// <summary>Hands out what happened since the last time, and frees what belongs to threads that have ended.</summary>
    void Collect(IObservationSink sink);
}

/// <summary>Takes what the kernel side has counted.</summary>
internal interface IObservationSink
{
    /// <summary>A slot is a thread from now on, until it is released.</summary>
    void Bind(int slot, int tid, int processId, ulong startTimeNs, bool kernelThread);

    /// <summary>What the thread in a slot is called, and where it belongs; told with what it did.</summary>
    void Describe(int slot, ReadOnlySpan<byte> name, ulong cgroupId);

    /// <summary>What the thread in a slot did since the last time. The numbers are only good for the time of the call.</summary>
    void Add(int slot, ObservedMetrics metrics);

    /// <summary>A thread held the CPU that another one waited for.</summary>
    void AddDelay(uint fromSlot, uint toSlot, ulong ns, ulong count);

    /// <summary>A thread woke another one, which then waited that long.</summary>
    void AddWake(uint fromSlot, uint toSlot, ulong waitNs, ulong count);

    /// <summary>The thread in a slot has ended.</summary>
    void Release(int slot);

    /// <summary>What could not be counted, since the start.</summary>
    void SetLosses(ObserverLosses losses);
}

/// <summary>What could not be counted, since the start.</summary>
/// <param name="TaskEvents">Events of threads for which there was no room.</param>
/// <param name="Pairs">Delays and wake-ups for which there was no room.</param>
/// <param name="UnexplainedWaitNs">Waiting during which it is not known who ran.</param>
public readonly record struct ObserverLosses(long TaskEvents, long Pairs, long UnexplainedWaitNs);
