using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>What user space tells the events' programs; mirrors <c>struct cox_event_control</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EventControl
{
    public uint Wanted;
    public uint Reserved;
}
