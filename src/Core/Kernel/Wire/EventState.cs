using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>What the events' programs tell user space; mirrors <c>struct cox_event_state</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EventState
{
    public ulong NrLost;
}
