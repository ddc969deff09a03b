using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>What user space tells the scheduler, in shared memory; mirrors <c>struct cox_control</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Control
{
    public ulong DirectiveGeneration;
    public ulong LeaseNs;
    public ulong StaleNs;
    public ulong SliceMaxNs;
    public ulong SliceMinNs;
    public AskingMode Asking;
    public uint NrCgroupDirectives;
    public uint NrCpuSets;
    public uint Reserved;
}
