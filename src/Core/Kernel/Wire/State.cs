using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>What the scheduler says of itself, in shared memory; mirrors <c>struct cox_state</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct State
{
    public ulong VtimeNow;
    public ulong NrAutonomous;
    public ulong NrAssist;
    public uint NrAlone;
    public uint BranchInsert;
    public uint BranchInsertVtime;
    public uint BranchMoveToLocal;
    public uint BranchMove;
    public uint NrOrphanedCpus;
    public ulong NrOverdueKicks;
    public ulong OldestSinceNs;
    public int OldestPid;
    public uint NrGroupsLost;
    public Notice.TaskName OldestComm;
    public ulong NrModeChanges;
    public ModeChangeRing ModeChanges;
    public RoundTripBuckets RoundTrip;

    /// <summary>The last changes of mode; number n is in n modulo their count.</summary>
    [InlineArray(Count)]
    internal struct ModeChangeRing
    {
        /// <summary>COX_MODE_CHANGES.</summary>
        public const int Count = 8;
        private ModeChangeRecord _first;
    }

    /// <summary>Counts by time from notice to applied verdict.</summary>
    [InlineArray(Count)]
    internal struct RoundTripBuckets
    {
        public const int Count = 96;
        private ulong _first;
    }
}

/// <summary>Mirrors <c>enum cox_mode</c>.</summary>
internal enum Mode : uint
{
    Assist = 0,
    Autonomous = 1,
}
