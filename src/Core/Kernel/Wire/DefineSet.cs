using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>Argument of the program that makes a CPU set's queues; mirrors <c>struct cox_define_set</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DefineSet
{
    public uint CpuSet;
    public int Error;
}
