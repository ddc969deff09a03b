using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe.Wire;

/// <summary>One CPU as the kernel side sees it, in shared memory; mirrors <c>struct cox_obs_cpu</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CpuRecord
{
    /// <summary>Most CPU ids (COX_OBS_MAX_CPUS).</summary>
    public const int Max = 1024;

    public ulong CurrentSinceNs;
    public uint CurrentSlot;
    public uint NextStint;
    public uint Core;
    public uint Llc;
    public uint Interrupts;
    public uint Reserved;
    public ulong LostTasks;
    public ulong LostPairs;
    public ulong Ended;
    public ulong Begun;
    public ulong UnexplainedNs;
    public StintRing Stints;

    /// <summary>COX_OBS_STINTS of them.</summary>
    [InlineArray(64)]
    internal struct StintRing
    {
        private StintRecord _first;
    }
}

/// <summary>One stint on a CPU; mirrors <c>struct cox_obs_stint</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StintRecord
{
    public ulong BeginNs;
    public ulong EndNs;
    public uint Slot;
    public uint Reserved;
}
