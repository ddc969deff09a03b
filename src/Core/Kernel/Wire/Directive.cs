using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>The effective parameters of one task in the kernel; mirrors <c>struct cox_directive</c>.</summary>
/// <remarks>Times are CLOCK_MONOTONIC ns. Class, slice and CPU set may come from different intents and end at different times.</remarks>
[StructLayout(LayoutKind.Sequential)]
public record struct Directive
{
    /// <summary>Time slice in ns; 0 when no intent sets one.</summary>
    public ulong SliceNs;

    /// <summary>When <see cref="SliceNs"/> stops to hold.</summary>
    public ulong SliceExpiresNs;

    /// <summary>When <see cref="Class"/> stops to hold.</summary>
    public ulong ClassExpiresNs;

    /// <summary>CPU time per 100 ms as an upper class, ns; 0: half of the machine. Holds as long as the class.</summary>
    public ulong BudgetNs;

    /// <summary>When <see cref="CpuSet"/> stops to hold.</summary>
    public ulong CpusExpiresNs;

    /// <summary>Increases with each directive written.</summary>
    public ulong Generation;

    /// <summary>Class, or <see cref="SchedulingClass.Unset"/>.</summary>
    public SchedulingClass Class;

    /// <summary>Number of the intent that the class comes from; 0: none.</summary>
    public uint ClassIntent;

    /// <summary>Number of the intent that the slice comes from; 0: none.</summary>
    public uint SliceIntent;

    /// <summary>Number of the intent that the CPU set comes from; 0: none.</summary>
    public uint CpusIntent;

    /// <summary>Number of the CPU set, from <see cref="ICpuSetStore.Define"/>; 0: none.</summary>
    public uint CpuSet;

    /// <summary>Always 0.</summary>
    public uint Reserved;
}
