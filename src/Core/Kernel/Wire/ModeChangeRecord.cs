using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>One change of mode; mirrors <c>struct cox_mode_change</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ModeChangeRecord
{
    public ulong AtNs;
    public Mode Mode;
    public ModeReason Reason;
    public uint Loop;
    public uint Reserved;
}

/// <summary>Mirrors <c>enum cox_mode_reason</c>.</summary>
internal enum ModeReason : uint
{
    None = 0,
    Unread = 1,
    Beats = 2,
}
