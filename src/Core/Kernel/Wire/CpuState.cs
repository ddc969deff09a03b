using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>One CPU as the scheduler sees it, in shared memory; mirrors <c>struct cox_cpu</c>, where each member is explained.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CpuState
{
    /// <summary>Most CPU ids (COX_MAX_CPUS).</summary>
    public const int Max = 1024;

    public ulong RunningSinceNs;
    public ulong UpperRunNs;
    public ulong PreemptWindowNs;
    public ulong OwnWindowNs;
    public ulong DispatcherRunNs;
    public ulong OwnRunNs;
    public int RunningPid;
    public uint RunningClass;
    public uint Online;
    public uint DispatchSequence;
    public uint PreemptsInWindow;
    public int PreemptedPid;
    public uint Llc;
    public uint SetsNext;
    public ulong NrIdleLocal;
    public ulong NrOwn;
    public ulong NrKernel;
    public ulong NrPinned;
    public ulong NrResumed;
    public ulong NrLatency;
    public ulong NrBackground;
    public ulong NrParked;
    public ulong NrUnasked;
    public ulong NrRingFull;
    public ulong NrAutonomous;
    public ulong NrFallback;
    public ulong NrMoved;
    public ulong NrTaken;
    public ulong NrGone;
    public ulong NrVerdicts;
    public ulong NrRefusedGone;
    public ulong NrRefusedStale;
    public ulong NrRefusedSlice;
    public ulong NrRefusedCpu;
    public ulong NrRefusedLeft;
    public ulong NrPreempted;
    public ulong NrStolen;
    public ulong NrKept;
    public ulong RunNs;
    public ulong WaitNs;
    public ulong NrWaits;
    public ulong NrMovedLate;
    public ulong NrOverBudget;
    public ulong NrKernelOrder;
    public ulong NrAged;
    public ulong NrContinued;
    public ulong NrSet;
    public ulong NrSetUnusable;
    public ulong NrLlcStolen;
    public ulong NrLlcBalanced;
    public ClassCounters ClassRunNs;
    public ClassCounters ClassWaitNs;
    public ClassCounters ClassWaits;
    public ClassCounters ClassBirths;
    public ulong NrRcuReader;
    public ulong NrThrottled;
    public ulong NrThrottleWaived;
    public ulong ThrottledNs;
    public KindNumbers SetServed;
    public ulong RunningKey;
    public uint Claimed;
    public uint Reserved;
    public ulong SliceEndsNs;

    /// <summary>One number per kind of queue.</summary>
    [InlineArray(8)]
    internal struct KindNumbers
    {
        private byte _first;
    }

    /// <summary>One number per class, by the class's own; 0 is the system: kernel threads and ourselves.</summary>
    [InlineArray(Count)]
    internal struct ClassCounters
    {
        /// <summary>COX_CLASSES.</summary>
        public const int Count = 6;
        private ulong _first;
    }
}
