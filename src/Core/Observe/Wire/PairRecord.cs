using System.Runtime.InteropServices;

namespace Coxswain.Core.Observe.Wire;

/// <summary>From one slot to another; mirrors <c>struct cox_obs_pair</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PairRecord
{
    /// <summary>Slot for a timer, a device, or an idle CPU (COX_OBS_IRQ).</summary>
    public const uint Irq = 0xfffffffe;

    /// <summary>Slot for nobody (COX_OBS_NOBODY).</summary>
    public const uint Nobody = 0xffffffff;

    public uint From;
    public uint To;
}

/// <summary>What is known of a pair; mirrors <c>struct cox_obs_sum</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SumRecord
{
    public ulong Ns;
    public ulong Count;
}
